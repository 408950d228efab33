"""Passwords: hashed with argon2id, checked in the same time for everybody, and never easily guessed."""

import re
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

SHORTEST = 10
LONGEST = 200
#: From 0 (at once) to 4; 3 withstands a stolen database of slow hashes.
STRONG_ENOUGH = 3

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=2)


def configure(*, time_cost: int = 3, memory_kib: int = 64 * 1024, parallelism: int = 2) -> None:
    """Choose what a hash costs, before the first is made or checked.

    Older hashes stay good, and `needs_rehash` tells them.
    """
    global _hasher
    _hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)


def digest(password: str) -> str:
    """The hash to keep, its parameters and salt inside.

    Takes about a tenth of a second, so it is made while no transaction is open.
    """
    return _hasher.hash(_normal(password))


def verify(password: str, kept: str | None) -> bool:
    """Whether `kept` is a hash of `password`.

    Without one (an unknown address, an account that has no password) as much time is spent, so that the
    answer's delay tells nothing.
    """
    try:
        _hasher.verify(kept or nobodys_hash(_hasher), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    return _hasher.check_needs_rehash(kept)


def weakness(password: str, words: Iterable[str] = ()) -> LazyString | None:
    """Why `password` is refused, as a sentence, or None.

    `words` are the names and places that anybody here would try.
    """
    if len(password) < SHORTEST:
        return _l("Kata sandi terlalu pendek: paling sedikit 10 karakter.")
    if len(password) > LONGEST:
        return _l("Kata sandi terlalu panjang: paling banyak 200 karakter.")
    from zxcvbn_rs_py import zxcvbn

    whole = [word for word in words if word]
    parts = {part for word in whole for part in re.findall(r"[^\W_]{3,}", word)}
    if int(zxcvbn(password, [*whole, *sorted(parts)]).score) < STRONG_ENOUGH:
        return _l("Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak berkaitan satu sama lain.")
    return None


@cache
def nobodys_hash(hasher: PasswordHasher) -> str:
    """What an unknown address is checked against: drawn by lot, as costly to check as one that was made.

    Making one would cost every start a tenth of a second and 64 MB, and at first need double the delay.
    """
    salt, lot = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${lot}"


def _normal(password: str) -> str:
    # The same letter may come composed from one keyboard and decomposed from another.
    return unicodedata.normalize("NFC", password)
