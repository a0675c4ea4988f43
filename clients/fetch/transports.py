"""Which library sends: libcurl, or requests where libcurl has no wheel (musl)."""

import functools
import importlib
import importlib.util
from typing import cast

from clients.fetch.exchange import Transport


@functools.cache
def chosen() -> Transport:
    """The best transport that is installed."""
    name = "by_curl" if importlib.util.find_spec("pycurl") is not None else "by_requests"
    return cast(Transport, importlib.import_module(f"clients.fetch.{name}"))
