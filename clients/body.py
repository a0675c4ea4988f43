"""The body of a reply, whole or not at all. A compressed stream that breaks off is an error, even if its length is right.

`requests` returns what a decompressor gives, and does not check whether the stream ended (urllib3#3009; read 2026-11). So half a
page passes for a whole one. These functions unpack the bytes themselves and check for the end.
"""

import zlib
from collections.abc import Callable, Mapping

import requests
from urllib3 import exceptions

#: The encodings we ask for: the standard library unpacks them and sees their end.
ACCEPTED = "gzip, deflate"

#: Encodings that we never ask for and cannot read.
UNASKED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "xz", "lzma", "bzip2"})

Unpacker = Callable[[bytes, int], bytes]

GZIP = b"\x1f\x8b"
MOST_LAYERS = 5


class Broken(Exception):
    """The body ends too early, or cannot be unpacked. The text says which; `received` is what there is of it, still packed."""

    received = b""


class Late(Exception):
    """The body was not there in time."""


class TooLarge(Exception):
    """The body is larger than the limit, packed or unpacked."""


def read(response: requests.Response, limit_bytes: int) -> bytes:
    """The whole body, unpacked, of a response to a request with `stream=True`. Raises Broken, Late or TooLarge."""
    return unpack(received(response, limit_bytes), response.headers.get("Content-Encoding", ""), limit_bytes, UNPACK)


def unpack(data: bytes, encoding: str, limit_bytes: int, unpackers: Mapping[str, Unpacker]) -> bytes:
    """The bytes behind a header `Content-Encoding`. Raises Broken or TooLarge; each layer is bounded while it is unpacked."""
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    if len(names) > MOST_LAYERS:
        raise Broken(f"it is packed {len(names)} times")
    for name in reversed(names):
        if name in UNASKED and name not in unpackers:
            raise Broken(f"it is packed as {name[:20]}, which was not asked for")
        unpacker = unpackers.get(name)  # an unknown name changes nothing: some servers write `utf-8` here
        data = unpacker(data, limit_bytes) if unpacker and data else data
    return data


def received(response: requests.Response, limit_bytes: int) -> bytes:
    """The body as it is sent, still packed. Raises Broken, Late or TooLarge."""
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
    except (exceptions.HTTPError, OSError, ValueError) as exc:  # too short, broken chunk (of a size below 0), lost connection
        problem = Broken(f"its connection broke ({type(exc).__name__})")
        problem.received = bytes(received)
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


UNPACK: dict[str, Unpacker] = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate}
