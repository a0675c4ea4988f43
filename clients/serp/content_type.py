"""The charset that a `Content-Type` header names."""

import codecs
import re

CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)


def charset_of(content_type: str | None) -> str | None:
    """The charset as it is written there; None if the header names none, or an unknown one.

    >>> charset_of("text/html; charset=ISO-8859-1"), charset_of("text/html"), charset_of("text/html; charset=none-such")
    ('ISO-8859-1', None, None)
    """
    match = CHARSET.search(content_type or "")
    if match is None:
        return None
    try:
        codecs.lookup(match[1])
    except LookupError:
        return None
    return match[1]
