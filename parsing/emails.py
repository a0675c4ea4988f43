"""E-mail addresses in a text: plain, spelled for people (`info [at] example.com`), and as Cloudflare hides them."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

MAX_CHARS = 254  # RFC 5321
LOCAL = r"[A-Za-z0-9](?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,62}[A-Za-z0-9_+-])?"
HOST = r"(?:[^\W_](?:[^\W_]|-){0,61}\.){1,6}[A-Za-z]{2,24}"
PLAIN = re.compile(rf"(?<![\w.+@/-]){LOCAL}@{HOST}(?![\w@-])")
# Spelled out: brackets around `at`, or blanks around both words. Without brackets `dot` must be spelled too.
SPELLED = re.compile(
    r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,62}) ?(?:[\[({<] ?(?:at|@|ät|arroba|chez|æt) ?[\])}>]|_at_|\(a\)) ?"
    r"((?:[\w-]{1,62}(?:\.| \. | ?(?:[\[({<] ?(?:dot|punkt|punto|point|\.) ?[\])}>]|_dot_| dot ) ?)){1,4}[A-Za-z]{2,24})(?!\w)",
    re.IGNORECASE,
)
WORDS = re.compile(
    r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,62}) (?:at|AT|arroba) ((?:[\w-]{1,62} (?:dot|DOT|punto) ){1,3}[A-Za-z]{2,24})(?!\w)"
)
DOT = re.compile(r" ?(?:[\[({<] ?(?:dot|punkt|punto|point|\.) ?[\])}>]|_dot_|\bdot\b|\bpunto\b) ?", re.IGNORECASE)
#: `logo@2x.png` is a file for fine screens.
FILES = frozenset(
    {"png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "mjs", "json", "html", "php", "pdf", "woff"}
)


def find(text: str) -> Iterator[tuple[str, str]]:
    """The addresses of a text, each as written and as it is: `("info [at] example.com", "info@example.com")`.

    >>> list(find("Ada.L@Example.com, sales (at) example [dot] co.uk, logo@2x.png"))
    [('Ada.L@Example.com', 'Ada.L@example.com'), ('sales (at) example [dot] co.uk', 'sales@example.co.uk')]
    """
    if "@" in text:
        yield from ((match[0], address) for match in PLAIN.finditer(text) if (address := normal(match[0])))
    for pattern in (SPELLED, WORDS):
        for match in pattern.finditer(text):
            host = DOT.sub(".", match[2]).replace(" ", "")
            if address := normal(f"{match[1]}@{host}"):
                yield match[0], address


def normal(text: str) -> str | None:
    """An address as it is written in an envelope: host in lower case; None for what is none.

    >>> normal("mailto:Info@EXAMPLE.com?subject=x"), normal("info@example"), normal("a..b@example.com")
    ('Info@example.com', None, None)
    """
    text = unquote(text.strip().removeprefix("mailto:").removeprefix("MAILTO:").partition("?")[0]).strip().strip("<>.,;:")
    if len(text) > MAX_CHARS or not PLAIN.fullmatch(text):
        return None
    local, _, host = text.rpartition("@")
    if ".." in text or host.rpartition(".")[2].lower() in FILES:
        return None
    return f"{local}@{host.lower()}"


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
