"""What a site's robots.txt allows (RFC 9309). protego reads the groups and matches the paths; this file makes its text readable.

An answer's status is the caller's: 4xx is a site without rules, 5xx and no answer mean wait.
"""

import codecs
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import protego

from parsing import web_urls

MAX_BYTES = 500 * 1024  # what a crawler must read at least (RFC 9309, 2.5); others read no more
MAX_LINE_CHARS = 16_663  # as Google's parser
MAX_DELAY_S = 3600.0  # a longer delay is a way to say no, or a slip
MAX_SITEMAPS = 1000

AGENT = re.compile(r"(\s*user[- ]?agent\s*:?\s*)([^\s/]+)", re.IGNORECASE)
DELAY = re.compile(
    r"(\s*crawl[- ]delay\s*:?\s*)(\d+)(?:[.,](\d+))?\s*(?:s|secs?|seconds?)?\s*(?:#.*)?$", re.IGNORECASE | re.ASCII
)
# A line that neither protego nor another parser knows; it must not end a group (RFC 9309, 2.2.4).
KNOWN = re.compile(
    r"\s*(?:user[- ]?agent|dis+al+[oa]w|diasllow|allow|site-?maps?|crawl[- ]delay|request[- ]rate|visit[- ]time|host)\b",
    re.IGNORECASE,
)
SITE_WIDE = re.compile(r"\s*(?:site-?maps?|host)\b", re.IGNORECASE)
MARKUP = re.compile(rb"\s*(?:<!doctype|<html|<head|<body|<\?xml|<!--|<script|<meta)", re.IGNORECASE)
GROUP = re.compile(rb"^[ \t]*user-?agent[ \t]*:", re.IGNORECASE | re.MULTILINE)
LINES = re.compile(r"\r\n|\r|\n")
ODD_BREAKS = re.compile(r"[\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # Python's line breaks, not the format's
BYTE = re.compile(r"[\udc80-\udcff]")  # a byte that is no UTF-8
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class _Read(NamedTuple):
    parser: protego.Protego
    delay_s: float | None
    sitemaps: tuple[str, ...]


class Rules:
    """The rules of one site for one agent. Keeps the text alone until the first question; `Rules(text, agent)` makes it again."""

    def __init__(self, text: str, agent: str, url: str = "") -> None:
        self.text = text
        self.agent = agent
        self.url = url

    def allowed(self, url: str) -> bool:
        """Whether the agent may fetch an address of this site. robots.txt itself is always allowed."""
        try:
            return self._read.parser.can_fetch(url, self.agent)
        except UnicodeEncodeError:  # lone surrogates
            return self.allowed(url.encode("utf-8", "replace").decode())
        except ValueError:  # not an address
            return False

    @property
    def delay_s(self) -> float | None:
        """Least seconds between two requests, at most MAX_DELAY_S; None where the site asks for none."""
        return self._read.delay_s

    @property
    def sitemaps(self) -> list[str]:
        """Absolute addresses of sitemaps, each once, in order. A relative one counts if the address of robots.txt is known."""
        return list(self._read.sitemaps)

    @functools.cached_property
    def _read(self) -> _Read:
        parser = protego.Protego.parse(self.text)
        found = (web_urls.resolve(name, self.url or None) for name in parser.sitemaps)
        sitemaps = tuple(dict.fromkeys(name for name in found if name))[:MAX_SITEMAPS]
        return _Read(parser, _delay(parser, self.agent), sitemaps)


def rules(body: bytes, agent: str, url: str = "") -> Rules:
    """The rules in the body of a robots.txt for an agent, its product token (`TrawlBot`) or a whole `User-Agent`.

    Reads at most MAX_BYTES. A page of HTML has no rules: everything is allowed. Never raises; what cannot be read does not count.
    `url` is the address of robots.txt, for sitemaps that are named without a host.

    >>> found = rules(b"User-agent: *\\nDisallow: /private\\nCrawl-delay: 2\\nSitemap: https://e.test/s.xml", "TrawlBot")
    >>> found.allowed("https://e.test/private/a"), found.allowed("https://e.test/"), found.delay_s, found.sitemaps
    (False, True, 2.0, ['https://e.test/s.xml'])
    """
    head = body[:MAX_BYTES]
    if len(body) > MAX_BYTES:  # a rule cut short would forbid more than was meant
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]
    ours = [] if is_markup(head) else _ours(LINES.split(_decoded(head)), agent.lower())
    return Rules("\n".join(ours), agent, url)


def is_markup(body: bytes) -> bool:
    """Whether a page stands where robots.txt should be. A page around real rules counts as rules."""
    start = body[:1024].removeprefix(codecs.BOM_UTF8)
    return MARKUP.match(start) is not None and GROUP.search(body[:MAX_BYTES]) is None


def _decoded(body: bytes) -> str:
    """The text; a byte that is no UTF-8 becomes its percent-encoding, as it stands in addresses."""
    for bom, encoding in BOMS:
        if body.startswith(bom):
            text = body[len(bom) :].decode(encoding, "replace" if encoding != "utf-8" else "surrogateescape")
            break
    else:
        text = body.decode("utf-8", "surrogateescape")
    return ODD_BREAKS.sub("", BYTE.sub(lambda match: f"%{ord(match[0]) - 0xDC00:02X}", text))


def _ours(lines: list[str], agent: str) -> Iterator[str]:
    """The lines that can concern an agent. Without this, a file of many agents and many rules costs agents times rules."""
    ours = named = False  # whether the group is for us; whether its last line named an agent
    for line in lines:
        line = line[:MAX_LINE_CHARS]
        if KNOWN.match(line) is None:
            continue
        if (match := AGENT.match(line)) is not None:
            may_match = _may_match(match[2].lower(), agent)
            ours = (ours and named) or may_match
            named = True
            if may_match:
                yield match[1] + match[2]
        elif SITE_WIDE.match(line):
            yield line
        else:
            named = False
            if ours:
                yield _number(line)


def _may_match(token: str, agent: str) -> bool:
    return token == "*" or token in agent or token.replace("*", "") in agent


def _number(line: str) -> str:
    """A delay with its unit or a decimal comma as a plain number; another line as it is."""
    delay = DELAY.match(line)
    return line if delay is None else f"{delay[1]}{delay[2]}.{delay[3] or 0}"


def _delay(parser: protego.Protego, agent: str) -> float | None:
    delay = parser.crawl_delay(agent)
    if delay is None and (rate := parser.request_rate(agent)) is not None:
        delay = rate.seconds / rate.requests
    return None if delay is None else min(delay, MAX_DELAY_S)
