"""How much a test tries: little at every change (`make test`), much where there is time for it.

`make faults` and `make pages` put TEST_SIZE=large into the environment.
"""

import os
from typing import TypeVar

T = TypeVar("T")

LARGE = os.environ.get("TEST_SIZE") == "large"


def sized(small: T, large: T) -> T:
    return large if LARGE else small
