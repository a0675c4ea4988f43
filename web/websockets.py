"""A WebSocket that ends at once, for clients that ask by another way then.

Firecrawl's JavaScript client opens one on the status address of a crawl or batch, and asks there by GET when it was closed.
Where it is refused instead, that client gives up. Others (Python's) send no subprotocol. They take the ordinary reply, and ask by
GET then.
"""

import base64
import hashlib
import json
import re

from waitress.parser import HTTPRequestParser
from waitress.task import Task

#: Where one is asked for.
PATHS = re.compile(r"(?:/[\w.~-]+)*/v[12]/(?:crawl|batch/scrape)/[\w.~-]+")

#: Of RFC 6455, section 1.3.
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#: The status of the end ("going away"), and what says why: that of version 1 reads it as a message. At most 123 bytes.
AWAY = 1001
REASON = json.dumps({"type": "error", "error": "no WebSocket is offered here: ask for the status by GET"}).encode()


def is_asked(request: HTTPRequestParser) -> bool:
    """Whether this request is such a client's, which takes no other reply."""
    if request.error or request.headers.get("UPGRADE", "").lower() != "websocket":
        return False
    is_whole = bool(request.headers.get("SEC_WEBSOCKET_KEY") and request.headers.get("SEC_WEBSOCKET_PROTOCOL"))
    return is_whole and bool(PATHS.fullmatch(request.path))


def accept(key: str) -> str:
    """What proves that the key of a handshake was read (RFC 6455, section 4.2.2).

    >>> accept("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    return base64.b64encode(hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()


def closing(status: int, reason: bytes) -> bytes:
    """The frame that ends one.

    >>> closing(1001, b"bye").hex()
    '880503e9627965'
    """
    payload = status.to_bytes(2, "big") + reason
    return bytes([0x88, len(payload)]) + payload


class Farewell(Task):  # type: ignore[misc]
    """The handshake, and the end."""

    complete = True

    def execute(self) -> None:
        """Write both."""
        self.set_close_on_finish()
        self.write(closing(AWAY, REASON))

    def build_response_header(self) -> bytes:
        """The head of a reply that is no HTTP after it."""
        asked = self.request.headers
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Accept: {accept(asked['SEC_WEBSOCKET_KEY'])}"]
        lines += [f"Sec-WebSocket-Protocol: {asked['SEC_WEBSOCKET_PROTOCOL'].partition(',')[0].strip()}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
