"""Secrets: `trawl_<id>_<43 characters>`, of which the characters after the id are 256 random bits."""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

#: Letters and digits that are not mistaken for others.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

#: As we write it, and as clients write it that put `fc-` before every key.
TOKEN = re.compile(r"(?:fc-)?(?:trawl_)?([a-z0-9]{8})_([A-Za-z0-9_-]{43})")


class Token(NamedTuple):
    """A key as its holder sends it: the id is no secret, the rest is."""

    id: str
    secret: str

    def __str__(self) -> str:
        return f"trawl_{self.id}_{self.secret}"

    def __repr__(self) -> str:
        return f"Token({self.id!r}, ***)"


def make() -> Token:
    """A new one."""
    return Token("".join(secrets.choice(ALPHABET) for _ in range(8)), secrets.token_urlsafe(32))


def parse(text: str) -> Token | None:
    """The token that a text is; None where it is none."""
    found = TOKEN.fullmatch(text)
    return Token(*found.groups()) if found else None


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fits(secret: str, stored: str) -> bool:
    """Whether a secret is the one of which this digest was stored; takes the same time for every wrong one."""
    return hmac.compare_digest(digest(secret), stored)
