"""Opaque links of the sandbox: an address sealed, and read again with the same seed."""

import base64
import binascii
import hashlib

GOTO = "/goto?url="
TOKEN_HEAD = "CAES"  # how Google's own tokens begin (2026-11)


def seal(url: str, seed: int) -> str:
    """`url` as an opaque /goto link, readable by `unseal` with the same seed only."""
    return GOTO + TOKEN_HEAD + base64.urlsafe_b64encode(_mixed(url.encode(), seed)).decode()


def unseal(goto: str, seed: int) -> str | None:
    """The address in a sealed link; None if the sandbox did not make the link.

    >>> unseal(seal("https://example.com/a", 7), 7), unseal(seal("https://example.com/a", 7), 8)
    ('https://example.com/a', None)
    """
    token = goto.removeprefix(GOTO).removeprefix(TOKEN_HEAD)
    try:
        url = _mixed(base64.urlsafe_b64decode(token), seed).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return url if url.startswith(("http://", "https://")) else None


def _mixed(data: bytes, seed: int) -> bytes:
    """XOR with a stream made of the seed and the length: not secret, only not readable by accident."""
    stream = hashlib.shake_128(f"{seed}|{len(data)}".encode()).digest(len(data))
    return bytes(left ^ right for left, right in zip(data, stream, strict=True))
