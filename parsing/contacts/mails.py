"""E-mail addresses of a page: links, structured data, what Cloudflare hides, and text."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote

from selectolax.lexbor import LexborNode

import models
from parsing import domains, emails
from parsing.contacts import hidden_mails, values
from parsing.contacts.page_text import PageText

GLUED = re.compile(r"(\.[a-z]{2,6})[A-Z][A-Za-z]{2,}$")  # `info@example.comTel`
SENTENCE = re.compile(r"\.([A-Z][A-Za-z]{2,})$")  # `info@example.com.Monday`: the blank after a sentence is missing
TYPO3 = re.compile(r"UnCryptMailto\(\s*['\"]([^'\"]{6,300})['\"](?:\s*,\s*(-?\d{1,2}))?", re.IGNORECASE)
MARK = r"(?:NO-?SPAM|REMOVE-?(?:THIS|ME)|DELETE-?THIS|SPAMFREI|ENTFERNEN)"
MARKS = re.compile(rf"[-_.]?{MARK}(?=@)|[-_]?{MARK}[-_]?|\.{MARK}$")  # what people add against programs
MACHINE = re.compile(r"[0-9a-f]{32}@")  # the key of an error reporter
CLOUDFLARE = "/cdn-cgi/l/email-protection#"
MAX_IN_LINK, MAX_IN_TEXT = 20, 1_000


def of(page: PageText, nodes: Sequence[dict[str, Any]], hidden: Sequence[str]) -> list[models.Email]:
    """Each address once, links first. `hidden` are the codes of `data-cfemail`."""
    found = [*_in_links(page), *_in_data(nodes)]
    found += [
        models.Email(address=address, written=address, source="hidden e-mail")
        for code in hidden
        if (address := emails.decode_cloudflare(code))
    ]
    texts = [*_in_text(page)]
    shown = {one.address.casefold(): one for one in reversed(texts)}
    kept = values.once([*found, *texts], lambda one: one.address.casefold())
    return [_shown(one, shown.get(one.address.casefold())) for one in kept]


def _shown(one: models.Email, other: models.Email | None) -> models.Email:
    """The address with the place where a reader sees it, if its link has other words: `Write to us`."""
    if other is None or one.address.casefold() in one.snippet.casefold():
        return one
    return replace(one, snippet=other.snippet, position=other.position)


def _in_links(page: PageText) -> Iterator[models.Email]:
    for link in page.links:
        href = (link.node.attributes.get("href") or "").strip()
        if href[:7].lower() == "mailto:":
            parts, source = href[7:2_000].partition("?")[0].replace(";", ",").split(",")[:MAX_IN_LINK], "mailto: link"
            parts = parts if parts != [""] else parse_qs(href.partition("?")[2][:2_000]).get("to", [])[:MAX_IN_LINK]
            pairs = [(part.strip(), emails.normal(part) or _first(unquote(part))) for part in parts]
        elif CLOUDFLARE in href:
            address, source = emails.decode_cloudflare(href.rpartition("#")[2]), "hidden e-mail"
            pairs = [(address or "", address)]
        elif (token := _typo3(link.node, href)) is not None:
            address, source = emails.decode_typo3(*token), "hidden e-mail"
            pairs = [(address or "", address)]
        elif address := hidden_mails.of(link.node.attributes, href):
            source, pairs = "hidden e-mail", [(address, address)]
        else:
            continue
        snippet = page.line_at(link.start, link.end)
        for written, address in pairs:
            if address:
                yield models.Email(address=address, written=written, source=source, snippet=snippet, position=link.start)


def _typo3(link: LexborNode, href: str) -> tuple[str, int] | None:
    """What TYPO3 hides in a link: by a call of its script, or by attributes."""
    if token := link.attributes.get("data-mailto-token"):
        vector = link.attributes.get("data-mailto-vector") or ""
        return token, int(vector) if vector.lstrip("-").isdecimal() and len(vector) < 4 else 1
    if href[:11].lower() != "javascript:" or (called := TYPO3.search(unquote(href[:2_000]))) is None:
        return None
    return called[1], int(called[2] or 1)


def _first(text: str) -> str | None:
    """The address in `Sales <info@example.com>`."""
    return next((address for _, address in emails.find(text[:300])), None)


def _in_data(nodes: Sequence[dict[str, Any]]) -> Iterator[models.Email]:
    for node in nodes:
        for text in values.texts(node.get("email")):
            if address := emails.normal(text):
                yield models.Email(address=address, written=text.strip(), source=values.DATA, snippet=text.strip()[:200])


def _end(written: str) -> int:
    """Where an address ends to which the next words stick; 0 where none do."""
    if glued := GLUED.search(written):
        return glued.end(1)
    last = SENTENCE.search(written)
    if last and not domains.is_top_level(last[1]) and domains.is_top_level(written[: last.start()].rpartition(".")[2]):
        return last.start()
    return 0


def _is_reachable(address: str) -> bool:
    """Whether the name of the host may exist. `.example` is kept for documents."""
    last = address.rpartition(".")[2]
    return last == "example" or domains.is_top_level(last)


def _in_text(page: PageText) -> Iterator[models.Email]:
    begin, left = 0, MAX_IN_TEXT
    for line in page.text.split("\n"):
        for written, address in itertools.islice(emails.find(line), left):
            left -= 1
            if (end := _end(written)) and (shorter := emails.normal(written[:end])) is not None:
                written, address = written[:end], shorter
            address = address.removeprefix("u003e").removeprefix("u003c")  # a bracket as scripts write it
            if MARKS.search(written) and (plain := emails.normal(MARKS.sub("", written))) is not None:
                address = plain
            if MACHINE.match(address) or not _is_reachable(address):
                continue
            at = begin + max(line.find(written), 0)
            yield models.Email(
                address=address, written=written, source="text", snippet=page.line_at(at, at + len(written)), position=at
            )
        begin += len(line) + 1
