"""The body of an answer, unpacked: whole and bounded, or an error.

Asked for are gzip, deflate and br. Each layer is bounded while it is unpacked, so a bomb costs no more than the limit. A packed
stream that does not come to its end is an error.
"""

import re

import brotli

from clients import body

ACCEPTED = "gzip, deflate, br"

PIECE = 64 * 1024


def unpack(data: bytes, encoding: str, limit_bytes: int) -> bytes:
    """The bytes behind `Content-Encoding`. Raises body.Broken or body.TooLarge.

    Some servers call a plain page packed, and browsers show it (curl#2368, crawlee#266), or a packed one twice packed: what is
    text to the eye is kept.
    """
    return body.unpack(data, encoding, limit_bytes, UNPACK)


def unnamed(data: bytes, content_type: str) -> str:
    """How a web page is packed of which no header says so; "" where it is not."""
    return "gzip" if data.startswith(body.GZIP) and "html" in content_type.lower() else ""


def shows_its_end(data: bytes, encoding: str) -> bool:
    """Whether `unpack` would find out that the last bytes of a body are missing."""
    return encoding.strip().lower() in UNPACK and len(data) > 0 and not _is_text(data)


def _is_text(data: bytes) -> bool:
    """Whether bytes begin as markup or JSON does, and hold no sign that text has not. Nothing packed does."""
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] in (b"<", b"{", b"[") and len(head) > 1 and CONTROL.search(head) is None


CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")


def _unbrotli(data: bytes, limit_bytes: int) -> bytes:
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    problem = ""
    try:
        part = stream.process(data, output_buffer_limit=PIECE)
        while True:
            parts.append(part)
            size += len(part)
            if size > limit_bytes:
                raise body.TooLarge
            if stream.is_finished() or (not part and stream.can_accept_more_data()):
                break
            part = stream.process(b"", output_buffer_limit=PIECE)
    except brotli.error:
        problem = "it cannot be unpacked"
    if not problem and not stream.is_finished():
        problem = "it ends before its packed stream does"
    if problem:
        raise body.Broken(problem)
    return b"".join(parts)


def _unless_text(unpacker: body.Unpacker) -> body.Unpacker:
    return lambda data, limit_bytes: data if _is_text(data) else unpacker(data, limit_bytes)


UNPACK = {name: _unless_text(unpacker) for name, unpacker in {**body.UNPACK, "br": _unbrotli}.items()}
