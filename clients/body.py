"""The body of a reply, whole or not at all. A compressed stream that breaks off is an error, even if its length is right.

`requests` returns what a decompressor gives, and does not check whether the stream ended (urllib3#3009; read 2026-11). So half a
page passes for a whole one. These functions unpack the bytes themselves and check for the end.
"""

import zlib
from collections.abc import Callable

import requests
from urllib3 import exceptions

#: The encodings we ask for: the standard library unpacks them and sees their end.
ACCEPTED = "gzip, deflate"

#: Encodings that we never ask for and cannot read.
UNASKED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "xz", "lzma", "bzip2"})

GZIP = b"\x1f\x8b"
MOST_LAYERS = 5


class Broken(Exception):
    """The body ends too early, or cannot be unpacked. The text says which."""


class Late(Exception):
    """The body was not there in time."""


class TooLarge(Exception):
    """The body is larger than the limit, packed or unpacked."""


def read(response: requests.Response, limit_bytes: int) -> bytes:
    """The whole body, unpacked, of a response to a request with `stream=True`. Raises Broken, Late or TooLarge."""
    data = _received(response, limit_bytes)
    names = [name.strip().lower() for name in response.headers.get("Content-Encoding", "").split(",") if name.strip()]
    if len(names) > MOST_LAYERS:
        raise Broken(f"it is packed {len(names)} times")
    for name in reversed(names):
        if name in UNASKED:
            raise Broken(f"it is packed as {name[:20]}, which was not asked for")
        unpack = UNPACK.get(name)  # an unknown name changes nothing: some servers write `utf-8` here
        data = unpack(data, limit_bytes) if unpack and data else data
    return data


def _received(response: requests.Response, limit_bytes: int) -> bytes:
    received = bytearray()
    problem: Exception
    try:
        for chunk in response.raw.stream(64 * 1024, decode_content=False):
            received += chunk
            if len(received) > limit_bytes:
                raise TooLarge
        return bytes(received)
    except exceptions.ReadTimeoutError:
        problem = Late()
    except (exceptions.HTTPError, OSError) as exc:  # body too short, broken chunk or lost connection
        problem = Broken(f"its connection broke ({type(exc).__name__})")
    raise problem


def _gunzip(data: bytes, limit_bytes: int) -> bytes:
    unpacked = b""
    while True:  # a stream may have several members, then padding
        part, rest = _unpacked(data, zlib.MAX_WBITS | 16, limit_bytes - len(unpacked))
        unpacked += part
        if not rest.startswith(GZIP):
            return unpacked
        data = rest


def _inflate(data: bytes, limit_bytes: int) -> bytes:
    try:
        return _unpacked(data, zlib.MAX_WBITS, limit_bytes)[0]
    except Broken:  # some servers leave out the zlib header
        return _unpacked(data, -zlib.MAX_WBITS, limit_bytes)[0]


def _unpacked(data: bytes, window: int, limit_bytes: int) -> tuple[bytes, bytes]:
    """One stream unpacked, and what follows it."""
    stream = zlib.decompressobj(window)
    problem = ""
    try:
        unpacked = stream.decompress(data, limit_bytes + 1)
    except zlib.error:
        problem = "it cannot be unpacked"
    if problem:
        raise Broken(problem)
    if len(unpacked) > limit_bytes:
        raise TooLarge
    if not stream.eof:
        raise Broken("it ends before its packed stream does")
    return unpacked, stream.unused_data


UNPACK: dict[str, Callable[[bytes, int], bytes]] = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate}
