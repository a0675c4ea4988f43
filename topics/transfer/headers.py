"""The first line of an export or a backup: what the file is, and of which version."""

import json
from typing import Any

from errors import ArgumentError

MARK = b"\xef\xbb\xbf"


def check(text: bytes, kind: str, newest: int, instead: str) -> dict[str, Any]:
    """The header that a line holds: a `trawl-export` or a `trawl-backup`, as `kind` says.

    Raises ArgumentError where it is none, with what takes such a file `instead`, and for a version above the `newest`.
    """
    name = kind.removeprefix("trawl-")
    try:
        header = json.loads(text.removeprefix(MARK))
        is_one = header["kind"] == kind and type(header["version"]) is int
    except (ValueError, KeyError, TypeError, RecursionError):
        is_one = False
    if not is_one:
        raise ArgumentError(f"This is no {name} of Trawl: its first line must be its header. {instead}")
    if header["version"] > newest:
        raise ArgumentError(
            f"This {name} is of version {header['version']}, and this program reads up to {newest}: update it first."
        )
    return dict(header)
