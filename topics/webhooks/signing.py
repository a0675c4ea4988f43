"""Signatures of deliveries: who knows the secret can tell that a delivery is ours, and when it was sent."""

import hashlib
import hmac

TRAWL, FIRECRAWL = "X-Trawl-Signature", "X-Firecrawl-Signature"


def headers(secret: str, body: bytes, sent_at_s: int, style: str) -> dict[str, str]:
    """The headers that sign a body; none without a secret.

    >>> headers("k", b"{}", 1, "trawl")
    {'X-Trawl-Signature': 't=1,v1=3dd49b2593d0f9a349e9e71c4bde3e2b862c2be4003fe9b4ba81332029310158'}
    """
    if not secret:
        return {}
    signed = {TRAWL: f"t={sent_at_s},v1={digest(secret, b'%d.' % sent_at_s + body)}"}
    return signed | ({FIRECRAWL: f"sha256={digest(secret, body)}"} if style == "firecrawl" else {})


def digest(secret: str, data: bytes) -> str:
    """HMAC-SHA256 in hex."""
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
