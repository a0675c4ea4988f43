"""E-mail addresses in a text: plain, spelled for people (`info [at] example.com`), and as Cloudflare hides them."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from parsing import regexes

MAX_CHARS = 254  # RFC 5321
LOCAL = r"[A-Za-z0-9](?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,62}[A-Za-z0-9_+-])?"
TOP = r"(?:xn--[A-Za-z\d-]{2,59}|[A-Za-z]{2,24}|рф|рус|укр|бел|срб|мкд|бг|москва|сайт|онлайн|орг|дети|ελ)"
HOST = rf"(?:[^\W_](?:[^\W_]|-){{0,61}}\.){{1,6}}{TOP}"
#: Chinese, Japanese and Korean put no blank before or after an address.
CJK = r"\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
PLAIN = regexes.late(rf"(?:(?<![\w.+@/-])|(?<=[{CJK}])){LOCAL}@{HOST}(?![^\W{CJK}]|[@-])")
#: A slash between two addresses.
JOINED = regexes.late(rf"(@[\w.-]{{1,100}}\.[A-Za-z]{{2,24}})/(?={LOCAL}@)")
#: A sign that stands for the one of addresses on Japanese pages: `info★example.jp`.
STAR = regexes.late(r"(?<=[A-Za-z\d])[★☆◎●◆■♪](?=[A-Za-z\d-]{1,62}(?:\.[A-Za-z\d-]{1,62}){0,4}\.(?:jp|com|net|org|info|biz)\b)")
# Spelled out: brackets around `at`, or blanks around both words. Without brackets `dot` must be spelled too.
_OPEN, _CLOSE, _DOTS = r"[\[({<] ?", r" ?[\])}>]", r"(?:dot|punkt|punto|point|\.)"
_AT = (
    r"at|@|ät|arroba|chez|æt|snabel-?a|kukac|małpa|malpa|zavináč|zavinac|chiocciola|apenstaartje|собака"
    r"|アット(?:マーク)?|あっと|골뱅이"
)
SPELLED = regexes.late(
    rf"(?<![\w.+-])([A-Za-z0-9][\w.+-]{{0,62}}(?: ?{_OPEN}{_DOTS}{_CLOSE} ?[\w+-]{{1,62}}){{0,3}}) ?"
    rf"(?:{_OPEN}(?:{_AT}){_CLOSE}|_at_|\(a\)) ?"
    rf"((?:[\w-]{{1,62}}(?:\.| \. | ?(?:{_OPEN}{_DOTS}{_CLOSE}|\[\.|_dot_| dot ) ?)){{1,4}}[A-Za-z]{{2,24}})(?!\w)",
    re.IGNORECASE,
)
#: Words before `at` that name no mailbox: `find us at example dot com`.
NO_LOCAL = regexes.late(
    r"us|me|him|her|them|it|you|we|they|meet|look|looking|visit|find|found|available|online|here|there|more|out|is|are|was|be|buy"
    r"|read|see|only|now|site|website|page|blog|located|hosted|live|register|up|download|learn|and|or|home|posted|check|just"
    r"|everything|all|shopping|arrive|back|this|that",
    re.IGNORECASE,
)
WORDS = regexes.late(
    r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,62}) (?:at|AT|arroba) ((?:[\w-]{1,62} (?:dot|DOT|punto) ){1,3}[A-Za-z]{2,24})(?!\w)"
)
#: With blanks around the sign, where a label says that it is one: `E-Mail: info @ example.de`.
SPACED = regexes.late(
    rf"\b(?:e-?mail|mail|courriel|correo(?: electrónico)?|posta|e-?post) ?: ?({LOCAL})(?: @ ?| ?@ )({HOST})(?![\w@-])",
    re.IGNORECASE,
)
DOT = regexes.late(r" ?(?:\[\.(?! ?\])|[\[({<] ?(?:dot|punkt|punto|point|\.) ?[\])}>]|_dot_|\bdot\b|\bpunto\b) ?", re.IGNORECASE)
TYPO3_KINDS = (("+", ":"), ("@", "Z"), ("a", "z"))
QUOTED = regexes.late(r"[0-9A-Fa-f]{2}(?=[\w])")
#: `logo@2x.png` is a file for fine screens.
FILES = frozenset(
    {"png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "mjs", "json", "html", "php", "pdf", "woff"}
)


def find(text: str) -> Iterator[tuple[str, str]]:
    """The addresses of a text, each as written and as it is: `("info [at] example.com", "info@example.com")`.

    >>> list(find("Ada.L@Example.com, sales (at) example [dot] co.uk, logo@2x.png"))
    [('Ada.L@Example.com', 'Ada.L@example.com'), ('sales (at) example [dot] co.uk', 'sales@example.co.uk')]
    """
    text = STAR.sub("@", text.replace("\uff20", "@"))  # the wide one of East Asian keyboards
    if "@" in text:
        text = JOINED.sub(r"\1 ", text)
        for match in PLAIN.finditer(text):
            is_quoted = text[match.start() - 1 : match.start()] == "%" and QUOTED.match(match[0])  # `%20info@example.com`
            written = match[0][2:] if is_quoted else match[0]
            if address := normal(written):
                yield written, address
    for match in SPACED.finditer(text):
        if address := normal(f"{match[1]}@{match[2]}"):
            yield text[match.start(1) : match.end()], address
    for pattern in (SPELLED, WORDS):
        for match in pattern.finditer(text):
            if pattern is WORDS and NO_LOCAL.fullmatch(match[1]):
                continue
            local, host = (DOT.sub(".", part).replace(" ", "") for part in match.groups())
            if address := normal(f"{local}@{host}"):
                yield match[0], address


def normal(text: str) -> str | None:
    """An address as it is written in an envelope: host in lower case; None for what is none.

    >>> normal("mailto:Info@EXAMPLE.com?subject=x"), normal("info@example"), normal("a..b@example.com")
    ('Info@example.com', None, None)
    """
    text = text.strip().removeprefix("mailto:").removeprefix("MAILTO:").partition("?")[0]
    text = unquote(text).strip().lstrip("/").strip("<>.,;:")
    if len(text) > MAX_CHARS or not PLAIN.fullmatch(text):
        return None
    local, _, host = text.rpartition("@")
    if ".." in text or host.rpartition(".")[2].lower() in FILES:
        return None
    return f"{local}@{host.lower()}"


def decode_typo3(code: str, offset: int = 1) -> str | None:
    """The address in `linkTo_UnCryptMailto('…')` or `data-mailto-token`: each sign so many places on or back, within its own kind
    (TYPO3, 2005-2026).

    >>> decode_typo3("nbjmup+jogpAfybnqmf/ef"), decode_typo3("info@example.de")
    ('info@example.de', None)
    """
    for places in (offset, -offset):
        text = "".join(_back(sign, places) for sign in code[:1000])
        if text.startswith("mailto:"):
            return normal(text)
    return None


def _back(sign: str, offset: int) -> str:
    kind = next((one for one in TYPO3_KINDS if one[0] <= sign <= one[1]), None)
    if kind is None:
        return sign
    first, last = map(ord, kind)
    return chr((ord(sign) - first - offset) % (last - first + 1) + first)


def decode_cloudflare(code: str) -> str | None:
    """The address in `data-cfemail`: hexadecimal, each byte XORed with the first (Cloudflare, 2014-2026).

    >>> decode_cloudflare("422b2c242d02273a232f322e276c212d2f")
    'info@example.com'
    """
    try:
        key, *rest = bytes.fromhex(code.strip()[: 2 * MAX_CHARS])
        return normal(bytes(byte ^ key for byte in rest).decode("utf-8"))
    except ValueError:
        return None
