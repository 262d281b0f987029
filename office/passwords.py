"""Is this the password? Hashing, checking, first passwords, and what a password must be.

argon2id with the library's own figures (RFC 9106, low memory: 64 MiB, 3 passes, 4 lanes). A
password that nobody has is checked just as long, so that the time tells nobody who works here.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: At least so many characters, and no rule about which (NIST SP 800-63B-4, 3.1.1.2).
SHORTEST = 12

#: So much must be left when the user's own name is taken out.
_BESIDE_NAME = 8

#: More is refused unread: hashing it is work that anybody could make us do.
LONGEST = 200

#: Letters and digits that nobody takes for others on paper.
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"


class Weakness(StrEnum):
    """Why a password can't be taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    LIKE_NAME = "like_name"
    REPEATS = "repeats"


_hasher = PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def hash_of(password: str) -> str:
    """The argon2id hash that is kept in place of a password."""
    return _hasher.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one of a hash; without a hash it is not, and takes as long."""
    if len(password) > LONGEST:
        return False
    nobodys = _nobodys()  # always: the first time it takes a while, and that tells something, too
    try:
        return _hasher.verify(kept or nobodys, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker figures than today's."""
    return _hasher.check_needs_rehash(kept)


def one_time_password() -> str:
    """A password to be used once: 79 random bits that can be read out and typed in."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(4))


def weakness_of(password: str, name: str) -> Weakness | None:
    """Why a password can't be taken, or `None` if it can."""
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    if len(password.casefold().replace(name.casefold(), "")) < _BESIDE_NAME:
        return Weakness.LIKE_NAME
    if len(set(password.casefold())) < 5:
        return Weakness.REPEATS
    return None
