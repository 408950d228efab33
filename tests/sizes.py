"""How much a test tries: little at every change (`make test`), much before something is released.

`make faults` and `make pages` put TEST_SIZE=large into the environment; SIZE=whole leaves nothing out, and
needs a night.
"""

import os
from typing import TypeVar

T = TypeVar("T")

SIZE = os.environ.get("TEST_SIZE", "small")
WHOLE = SIZE == "whole"
LARGE = WHOLE or SIZE == "large"


def sized(small: T, large: T, whole: T | None = None) -> T:
    if WHOLE and whole is not None:
        return whole
    return large if LARGE else small
