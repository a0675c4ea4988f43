"""The certificates that clients trust, kept readable while a release replaces the files of this program."""

import functools
import os
from contextlib import suppress
from pathlib import Path

import certifi
import requests.adapters

import config
import errors

FILES = Path("/proc/self/fd")


def keep() -> None:
    """Keep the file open, and let requests read it through its descriptor. Then the file may be moved or removed. Safe to repeat.

    Without /proc (macOS) nothing changes.
    """
    if not FILES.exists() or str(requests.adapters.DEFAULT_CA_BUNDLE_PATH).startswith(str(FILES)):
        return
    with suppress(OSError):  # no certificates: requests says so at its first use
        requests.adapters.DEFAULT_CA_BUNDLE_PATH = str(FILES / str(os.open(certifi.where(), os.O_RDONLY)))


def bundle() -> str:
    """The file of certificates to trust for pages: FETCH_CA_BUNDLE, else the usual ones. Raises ConfigError if it is none."""
    own = config.settings().fetch_ca_bundle
    return str(requests.adapters.DEFAULT_CA_BUNDLE_PATH) if own is None else _checked(own)


@functools.lru_cache(maxsize=4)
def _checked(path: Path) -> str:
    try:
        is_bundle = b"-----BEGIN CERTIFICATE-----" in path.read_bytes()
    except OSError:
        is_bundle = False
    if not is_bundle:
        raise errors.ConfigError(f"FETCH_CA_BUNDLE={path} holds no certificates: name a file of them in PEM form, or unset it")
    return str(path)
