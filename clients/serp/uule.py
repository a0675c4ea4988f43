"""`uule`: the parameter for the location of a search in Google's addresses.

The value is a small protobuf message: role 2, producer 32, canonical name. The length of the name is in bytes, and takes two
bytes from 128 on. Many tools use a table of one "length letter", which fails from 64 on (ogun/uule_grabber#2,
gitronald/WebSearcher#75; read 2026-11). Google writes the message as base64url without padding.
"""

import base64

HEAD = bytes((0x08, 2, 0x10, 32, 0x22))  # field 1 = 2, field 2 = 32, field 4 = the name


def encode(name: str) -> str:
    """The value of `uule` for a canonical name.

    >>> encode("Austin,Texas,United States")
    'w+CAIQICIaQXVzdGluLFRleGFzLFVuaXRlZCBTdGF0ZXM'
    """
    raw = name.encode()
    size, length = len(raw), bytearray()
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return "w+" + base64.urlsafe_b64encode(HEAD + bytes(length) + raw).decode().rstrip("=")
