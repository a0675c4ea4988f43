"""Profiles in social networks: links and `sameAs` of structured data."""

from collections.abc import Sequence
from typing import Any

import models
from parsing import entities, hrefs
from parsing.contacts import values
from parsing.contacts.page_text import PageText


def of(page: PageText, nodes: Sequence[dict[str, Any]], read: hrefs.Absolute) -> list[models.Profile]:
    """Each profile once; buttons to share a page are none."""
    found = []
    for node in nodes:
        for text in values.texts(node.get("sameAs")):
            if profile := entities.profile(text):
                found.append(models.Profile(network=profile[0], url=profile[1], source=values.DATA, snippet=text[:200]))
    for link in page.links:
        href = (link.node.attributes.get("href") or "").strip()
        if href[:1] in ("#", "") or not (absolute := read(href)):
            continue
        if profile := entities.profile(absolute):
            snippet = page.line_at(link.start, link.end)
            found.append(
                models.Profile(
                    network=profile[0], url=profile[1], source="link", snippet=snippet or href[:200], position=link.start
                )
            )
    return values.once(found, lambda one: one.url.casefold())
