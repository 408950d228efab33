"""Numbers that the state gives to organisations: NIB (business), NPSN (school), NPWP (tax).

None has a check digit that may be trusted: the old one of the NPWP does not hold for the numbers of today.
"""

import re
from enum import StrEnum

SEPARATORS = re.compile(r"[\s.\-–/]")


class Fault(StrEnum):
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    #: sixteen digits without a leading zero: the NIK of a person, which is not collected
    PERSONAL = "personal"


class IdentifierError(ValueError):
    """Not such a number; `fault` says why, `digits` how many were given."""

    def __init__(self, fault: Fault, digits: int) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.digits = digits


def nib(text: str) -> str:
    """Thirteen digits. Raises IdentifierError."""
    return _digits(text, 13)


def npsn(text: str) -> str:
    """Eight digits. Raises IdentifierError."""
    return _digits(text, 8)


def npwp(text: str) -> str:
    """Sixteen digits beginning with 0; the fifteen digits of before July 2024 are the same without it.

    Raises IdentifierError, also for the number of a person.
    """
    digits = _digits(text, 15, 16)
    if len(digits) == 16 and not digits.startswith("0"):
        raise IdentifierError(Fault.PERSONAL, 16)
    return digits.zfill(16)


def show_npwp(number: str) -> str:
    """In groups of four: "0012 3456 7890 1000"."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _digits(text: str, *lengths: int) -> str:
    compact = SEPARATORS.sub("", text)
    if not (compact.isascii() and compact.isdecimal()):
        raise IdentifierError(Fault.NOT_DIGITS, sum(letter.isdecimal() for letter in compact))
    if len(compact) not in lengths:
        raise IdentifierError(Fault.WRONG_LENGTH, len(compact))
    return compact
