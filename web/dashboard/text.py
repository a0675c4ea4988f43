"""Texts of jobs as the dashboard shows them: bounded, without secrets, and never unpickled."""

import base64
import binascii
import json
import math
import re
import zlib
from typing import Any

import logs

#: Longest text that a page shows (characters), and an error in a list of jobs.
MOST, MOST_IN_LIST = 256_000, 8_000

NOT_READ = "(no JSON, so it is not read: nothing here unpickles)"

#: Values under a name that speaks of a secret, in JSON or as Python prints it.
NAMED = re.compile(
    r"""(?ix)
    (["'] [\w-]{0,40} (?:authorization|cookie|api[_-]?key|passw(?:or)?d|secret|token) [\w-]{0,20} ["'] [ ]{0,9} : [ ]{0,9})
    (?: "(?:[^"\\]|\\.)*(?:"|$) | '(?:[^'\\]|\\.)*(?:'|$) )"""
)


def shown(text: str, most: int = MOST) -> str:
    """The first `most` characters of a text, with secrets replaced by ***."""
    cut = text[:most]
    quiet = NAMED.sub(r'\1"***"', logs.redact(cut))
    return quiet if len(text) <= most else f"{quiet} … ({len(text):,} characters)"


def result(stored: bytes) -> Any:
    """A return value as RQ stores it (base64 of JSON). What is large, no JSON or not to be shown whole becomes a text."""
    if not stored:
        return None
    try:
        text = base64.b64decode(stored, validate=True).decode()
    except (ValueError, binascii.Error):
        return NOT_READ
    return parsed(text)


def parsed(text: str) -> Any:
    """JSON as a value whose secrets are hidden; its beginning where it is large, NOT_READ for what is no JSON."""
    if len(text) > MOST:
        return shown(text)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return NOT_READ
    quiet = shown(text)
    try:
        value = json.loads(quiet, parse_constant=str, parse_float=_finite)
        json.dumps(value)  # what is nested too deep to be written fails here
    except (ValueError, RecursionError):
        return quiet
    return value


def _finite(number: str) -> float | str:
    """A number that JSON knows; 1e999 is one for Python only."""
    value = float(number)
    return value if math.isfinite(value) else number


def error(stored: bytes, most: int = MOST) -> str | None:
    """A traceback as RQ stores it (base64 of zlib), its first characters; None where there is none."""
    if not stored:
        return None
    try:
        text = zlib.decompressobj().decompress(base64.b64decode(stored, validate=True), 4 * most)
    except (ValueError, binascii.Error, zlib.error):
        return "(an error that cannot be read)"
    return shown(text.decode(errors="replace"), most)
