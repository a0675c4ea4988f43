"""The text of a page's bytes. What counts, in this order: the byte order mark, the header, `<meta>`, then a guess.

A page that calls itself UTF-8 and mostly is not is guessed too: a browser shows holes there, and its user can have it repaired.
One that names an encoding of single bytes and is UTF-8 throughout is UTF-8: servers send ISO-8859-1 with every page they have. So
a page is in the encoding of its own `<meta>`, too, whatever its server says, where the guess agrees with the page.

Names are read as browsers read them: `iso-8859-1` means windows-1252, `gb2312` means gb18030 (encoding.spec.whatwg.org; w3lib).
The guess is that of Firefox (chardetng). 126 pages were written again in the encodings of their languages, without a declaration:
of 240 texts in eleven encodings it read 226 right. Wrong were 13 of 100 in ISO-8859-15, which differs from windows-1252 in eight
characters, and 1 of 2 in Shift_JIS. Only 28 of the texts were not Western European: of those, this says little (2026-11).
"""

import codecs
import functools
import re

import chardetng_py
from w3lib import encoding as w3lib_encoding

DEFAULT = "utf-8"
SAMPLE = 256 * 1024  # bytes that a guess looks at
#: Encodings of a byte a character. So many characters that are whole in UTF-8 are no chance: here they are pairs of signs.
SINGLE_BYTES = re.compile(r"cp125\d|cp866|iso8859[-_]\d{1,2}|koi8[-_][rut]|mac[-_](roman|cyrillic)", re.ASCII)
ENOUGH = 3
SLIPS = 8  # whole characters for each that is not
LIES = 1  # the same, of a page that calls itself UTF-8: in another encoding hardly two bytes make a character
ESCAPED = b"\x1b$"  # begins Japanese in ISO-2022-JP, whose bytes are all ASCII

#: Python knows more encodings than a page may name: `punycode` and `idna` take hours for a megabyte, `utf-7` hides markup.
OF_PAGES = re.compile(
    r"utf[-_]?(8|16|32)([-_][bl]e)?|cp(125\d|866|874|932|949)|iso8859[-_]\d{1,2}|koi8[-_][rut]|mac[-_](roman|cyrillic)|gb18030|gbk"
    r"|big5(hkscs)?|euc_(jp|kr)|iso2022_jp|hz",
    re.ASCII,
)


def decode(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The text, and Python's name of the encoding it was read with. Bytes without a meaning become U+FFFD. Never raises.

    >>> decode("<meta charset=latin1>é".encode("latin-1"), "text/html")
    ('<meta charset=latin1>é', 'cp1252')
    >>> decode("Ünïcode".encode(), None), decode(b"\\xff\\xfeA\\x00", "text/html; charset=utf-8")
    (('Ünïcode', 'utf-8'), ('A', 'utf-16-le'))
    """
    name = declared(body, content_type)
    if name not in (None, DEFAULT):
        return _read(body, _corrected(body, name))
    if name is None and ESCAPED in body[:SAMPLE]:
        return _read(body, _guess(body))
    try:
        return body.decode().removeprefix("\ufeff"), DEFAULT
    except UnicodeDecodeError:
        return _read(body, DEFAULT if _is_nearly_utf8(body, LIES if name else SLIPS) else _guess(body))


def _corrected(body: bytes, name: str) -> str:
    """The name itself; another one where a server calls all its pages so, and this page is in the other one."""
    if body.isascii() or not SINGLE_BYTES.fullmatch(name.lower()):
        return name
    own = _of_page(w3lib_encoding.html_body_declared_encoding(body[:4096]))
    if _is_utf8(body, 1 if own == DEFAULT else ENOUGH):
        return DEFAULT
    return own if own not in (None, DEFAULT, name) and own == _guess(body) else name


def declared(body: bytes, content_type: str | None) -> str | None:
    """The encoding that the page or its header names; None if neither names one that is known.

    >>> declared(b"", 'text/html; charset="ISO-8859-4"'), declared(b"<meta charset=none-such>", "text/html; charset=punycode")
    ('iso8859-4', None)
    """
    if body[:1] in (b"\xef", b"\xff", b"\xfe", b"\x00") and (marked := w3lib_encoding.read_bom(body)[0]):
        return marked
    named = _of_header(content_type) if content_type else None
    if named is not None:
        return named
    named = _of_page(w3lib_encoding.html_body_declared_encoding(body[:4096]))
    # A page that could be read so far cannot be in UTF-16: it means UTF-8 then, say browsers.
    return DEFAULT if named and named.startswith(("utf-16", "utf-32")) else named


@functools.lru_cache(maxsize=512)
def _of_header(content_type: str) -> str | None:
    return _of_page(w3lib_encoding.http_content_type_encoding(content_type[:1000]))


def _of_page(name: str | None) -> str | None:
    return name if name and OF_PAGES.fullmatch(name.lower()) else None


def _read(body: bytes, name: str) -> tuple[str, str]:
    marked, mark = w3lib_encoding.read_bom(body) if body[:1] in (b"\xef", b"\xff", b"\xfe", b"\x00") else (None, None)
    if mark and marked == name:
        body = body[len(mark) :]
    return w3lib_encoding.to_unicode(body, name), name


def _is_utf8(body: bytes, enough: int) -> bool:
    """Whether this is whole UTF-8, and has so many characters that are no ASCII."""
    if body.isascii():
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return sum(char > "\x7f" for char in text[:SAMPLE]) >= enough


def _is_nearly_utf8(body: bytes, slips: int) -> bool:
    """Whether this is UTF-8 with a slip here and there: most characters are whole. One that is cut off is no slip."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body[:SAMPLE])
    wrong = text.count("\ufffd")
    whole = sum(char > "\x7f" for char in text) - wrong
    return whole > slips * wrong


def _guess(body: bytes) -> str:
    detector = chardetng_py.EncodingDetector()
    detector.feed(body[:SAMPLE], last=len(body) <= SAMPLE)
    return _of_page(w3lib_encoding.resolve_encoding(detector.guess(tld=None, allow_utf8=False))) or "cp1252"
