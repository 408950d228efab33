"""What a word of the field is: stored in English, shown by its label."""

from enum import StrEnum
from typing import Self

from flask_babel.speaklater import LazyString


class Word(StrEnum):
    """A member is written `NAME = "stored", _l("label")`."""

    label: LazyString

    # Only the members below give a label; `Helix("media")` looks one up and comes without.
    def __new__(cls, value: str, label: LazyString = None) -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        return word
