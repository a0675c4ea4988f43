"""E-mail addresses of a page: links, structured data, what Cloudflare hides, and text."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import models
from parsing import emails
from parsing.contacts import values
from parsing.contacts.page_text import PageText

GLUED = re.compile(r"(\.[a-z]{2,6})[A-Z][A-Za-z]{2,}$")  # `info@example.comTel`
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
            pairs = [(part.strip(), emails.normal(part) or _first(unquote(part))) for part in parts]
        elif CLOUDFLARE in href:
            address, source = emails.decode_cloudflare(href.rpartition("#")[2]), "hidden e-mail"
            pairs = [(address or "", address)]
        else:
            continue
        snippet = page.line_at(link.start, link.end)
        for written, address in pairs:
            if address:
                yield models.Email(address=address, written=written, source=source, snippet=snippet, position=link.start)


def _first(text: str) -> str | None:
    """The address in `Sales <info@example.com>`."""
    return next((address for _, address in emails.find(text[:300])), None)


def _in_data(nodes: Sequence[dict[str, Any]]) -> Iterator[models.Email]:
    for node in nodes:
        for text in values.texts(node.get("email")):
            if address := emails.normal(text):
                yield models.Email(address=address, written=text.strip(), source=values.DATA, snippet=text.strip()[:200])


def _in_text(page: PageText) -> Iterator[models.Email]:
    begin, left = 0, MAX_IN_TEXT
    for line in page.text.split("\n"):
        for written, address in itertools.islice(emails.find(line), left):
            left -= 1
            if not (glued := GLUED.search(written)):
                pass
            elif (shorter := emails.normal(written[: glued.end(1)])) is not None:
                written, address = written[: glued.end(1)], shorter
            address = address.removeprefix("u003e").removeprefix("u003c")  # a bracket as scripts write it
            if MACHINE.match(address):
                continue
            at = begin + max(line.find(written), 0)
            yield models.Email(
                address=address, written=written, source="text", snippet=page.line_at(at, at + len(written)), position=at
            )
        begin += len(line) + 1
