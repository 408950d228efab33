"""Text as it is searched and compared: lower case, without accents and apostrophes, cut into words."""

import re
import unicodedata
from contextlib import suppress

from pentahelix import identifiers, phones

#: Letters that are their own, not a letter with an accent.
PLAIN_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
APOSTROPHES = re.compile("['‘’‛ʻʼʽʾʿ`´′＇]")
WORD = re.compile(r"[^\W_]+")
LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
NUMBER = re.compile(r"[\d\s().,+/–‑-]{1,40}", re.ASCII)

#: Longer words are cut on both sides, in the index and in a query; the engines have limits of their own.
LONGEST_WORD = 100
MOST_WORDS_ASKED = 24
#: A slip of the pen further on in a word still finds the name that was meant.
LONGEST_BEGINNING = 3

LEGAL_FORMS = {
    "pt",
    "cv",
    "ud",
    "pd",
    "tbk",
    "persero",
    "perseroan",
    "firma",
    "fa",
    "toko",
    "koperasi",
    "yayasan",
}
#: From this likeness on, two names are worth showing side by side.
ALIKE = 85.0


def plain(text: str) -> str:
    """Lower case, without accents, apostrophes and invisible marks; what is no letter stays as it is."""
    # Case first: a folded capital may itself decompose. Accents are what is left over of a decomposed letter.
    decomposed = unicodedata.normalize(
        "NFKD", APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())
    )
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter) not in ("Mn", "Cf"))
    return APOSTROPHES.sub("", bare).translate(PLAIN_LETTERS)


def fold(text: str) -> str:
    """The words by which `text` is found, separated by spaces.

    Dots, hyphens and slashes cut into words, and the whole stands beside them ("s pd spd"); a word and a
    number are found together as well as apart ("smkn 1 smkn1").
    """
    found: dict[str, None] = {}
    before = ""
    for chunk in plain(text).split():
        words = WORD.findall(chunk)
        pieces = [piece for word in words for piece in LETTERS_OR_DIGITS.findall(word)]
        joined = before + pieces[0] if pieces and before.isalpha() and pieces[0].isdecimal() else ""
        found |= dict.fromkeys(
            word[:LONGEST_WORD] for word in (*pieces, *words, joined, "".join(words)) if word
        )
        before = pieces[-1] if pieces else ""
    return " ".join(found)


def match_query(typed: str, dialect: str) -> str | None:
    """A query of the engine's full text search for what somebody typed, each word as the beginning of one.

    Nothing that is typed is an operator. None where nothing is left to look for; then nothing is found.
    """
    words = words_asked(typed)
    if not words:
        return None
    meant = [word for word in numbers_meant(typed) if words != [word]]
    if dialect == "postgresql":
        whole = " & ".join(f"'{word}':*" for word in words)
        return " | ".join([f"({whole})" if meant else whole, *(f"'{number}':*" for number in meant)])
    whole = " AND ".join(f'"{word}"*' for word in words)
    return " OR ".join([f"({whole})" if meant else whole, *(f'"{number}"*' for number in meant)])


def words_asked(typed: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in WORD.findall(plain(typed))][:MOST_WORDS_ASKED]


def numbers_meant(typed: str) -> list[str]:
    """How a number may be kept that is written with signs between its digits: a telephone's, an NPWP."""
    if not NUMBER.fullmatch(typed.strip()):
        return []
    meant = [re.sub(r"\D", "", typed)[:LONGEST_WORD]]
    with suppress(phones.PhoneNumberError):
        number = phones.parse(typed)
        meant += [number.e164.lstrip("+")] if number else []
    with suppress(identifiers.IdentifierError):
        meant.append(identifiers.npwp(typed))
    return list(dict.fromkeys(meant))


def resembling_query(name: str, dialect: str) -> str | None:
    """A query for whatever shares the beginning of a word with `name`; None where no word is left."""
    beginnings = dict.fromkeys(word[:LONGEST_BEGINNING] for word in _name_words(name)[:MOST_WORDS_ASKED])
    if not beginnings:
        return None
    if dialect == "postgresql":
        return " | ".join(f"'{beginning}':*" for beginning in beginnings)
    return " OR ".join(f'"{beginning}"*' for beginning in beginnings)


def likeness(one: str, other: str) -> float:
    """From 0 to 100, how much two names look like the same; "PT", "CV", "Toko" count for nothing."""
    from rapidfuzz import fuzz

    ours, theirs = _name_words(one), _name_words(other)
    if not ours or not theirs:
        return 0.0
    score = max(
        fuzz.token_sort_ratio(" ".join(ours), " ".join(theirs)),
        fuzz.ratio("".join(ours), "".join(theirs)),
    )
    # "SMKN 1" and "SMKN 2" differ by one letter, and are two schools.
    numbers_differ = _numbers(ours) != _numbers(theirs)
    return min(score, ALIKE - 1) if numbers_differ else score


def begins_alike(one: str, other: str) -> bool:
    """Whether one name goes on where the other ends: "Dinas Kesehatan", "Dinas Kesehatan Kabupaten Lebak"."""
    shorter, longer = sorted((_name_words(one), _name_words(other)), key=len)
    return len(shorter) > 1 and longer[: len(shorter)] == shorter


def _name_words(name: str) -> list[str]:
    words = [piece for word in WORD.findall(plain(name)) for piece in LETTERS_OR_DIGITS.findall(word)]
    return [word for word in words if word not in LEGAL_FORMS] or words


def _numbers(words: list[str]) -> set[str]:
    return {word for word in words if word.isdecimal()}
