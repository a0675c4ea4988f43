"""The certificates that requests trusts, kept readable while a release replaces the files of this program."""

import os
from contextlib import suppress
from pathlib import Path

import certifi
import requests.adapters

FILES = Path("/proc/self/fd")


def keep() -> None:
    """Keep the file open, and let requests read it through its descriptor. Then the file may be moved or removed. Safe to repeat.

    Without /proc (macOS) nothing changes.
    """
    if not FILES.exists() or str(requests.adapters.DEFAULT_CA_BUNDLE_PATH).startswith(str(FILES)):
        return
    with suppress(OSError):  # no certificates: requests says so at its first use
        requests.adapters.DEFAULT_CA_BUNDLE_PATH = str(FILES / str(os.open(certifi.where(), os.O_RDONLY)))
