"""The form of a name that lists are sorted by: what people look under, alike on both engines."""

import re
from typing import Any

from sqlalchemy import event

from pentahelix.folding import plain

# Forms of address and degrees that stand before a name; nobody looks for Dr. Ratna under D.
_TITLES = re.compile(r"^(?:(?:prof|dr|drs|dra|ir|h|hj|kh|tb|rr|raden)\.?\s+)+(?=\w)")
_DIGITS = re.compile(r"\d+")
_SIGNS = re.compile(r"[^\w]+")


def sort_key(name: str) -> str:
    """ "SMKN 2" comes before "SMKN 10", "Ma'mun" stands beside "Mamun"."""
    words = _TITLES.sub("", plain(name).strip())
    words = _DIGITS.sub(lambda number: number[0].zfill(6), words)
    return _SIGNS.sub(" ", words).strip()[:400]


def keep_sorted(*entities: Any) -> None:
    """From now on their `sort_name` follows their `name`."""

    def follow(target: Any, name: str, _old: Any, _initiator: Any) -> None:
        target.sort_name = sort_key(name)

    for entity in entities:
        event.listen(entity.name, "set", follow)
