"""Pages with forms. Their numbers count from 1 over all networks.

Fields of the hash: network, url, title, within (the page whose frame it is), forms (JSON list), first_ms, last_ms, gone_ms
(0 = it is there).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from state.forms import keys
from state.store import connection

#: Pages that are read in one round trip.
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A page with forms, each as a JSON object with its signature; the last ones seen, where the page is gone."""

    id: int
    network: int
    url: str
    title: str = ""
    within: str = ""
    forms: tuple[dict[str, Any], ...] = ()
    first_ms: int = 0
    last_ms: int = 0
    gone_ms: int = 0


def numbers_of(network: int) -> dict[str, int]:
    """The pages of a network: their addresses, and their numbers."""
    found = connection.client().hgetall(keys.network(network, "pages"))
    return {url.decode(errors="replace"): int(number) for url, number in found.items()}


def put(page: Page) -> bool:
    """Store a page whole; False where its network is gone by now."""
    fields: dict[str, str | int] = {name: getattr(page, name) for name in ("network", "url", "title", "within")}
    fields |= {name: getattr(page, name) for name in ("first_ms", "last_ms", "gone_ms")}
    fields["forms"] = json.dumps(page.forms, ensure_ascii=True)

    def write(pipe: Any) -> bool:
        there = bool(pipe.exists(keys.network(page.network)))
        pipe.multi()
        if there:
            pipe.hset(keys.page(page.id), mapping=dict(fields))
            pipe.hset(keys.network(page.network, "pages"), page.url, page.id)
        return there

    done = connection.client().transaction(write, keys.network(page.network), value_from_callable=True)
    return bool(done)


def find(number: int) -> Page | None:
    """The page of that number; None where there is none."""
    return find_many([number])[0]


def find_many(numbers: Sequence[int]) -> list[Page | None]:
    """Pages by their numbers, some hundreds a round trip."""
    found: list[Page | None] = []
    for begin in range(0, len(numbers), CHUNK):
        part = numbers[begin : begin + CHUNK]
        with connection.client().pipeline(transaction=False) as pipe:
            for number in part:
                pipe.hgetall(keys.page(number))
            found += [_read(number, told) for number, told in zip(part, pipe.execute(), strict=True)]
    return found


def of(network: int, after: int = 0, limit: int | None = None) -> list[Page]:
    """The pages of a network by number, those above `after`, so many at most."""
    numbers = [one for one in sorted(numbers_of(network).values()) if one > after]
    return [one for one in find_many(numbers[:limit]) if one]


def count(network: int) -> int:
    """How many pages with forms are kept of a network, gone ones among them."""
    return int(connection.client().hlen(keys.network(network, "pages")))


def _read(number: int, found: dict[bytes, bytes]) -> Page | None:
    if not found.get(b"url"):
        return None
    told = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    times: dict[str, Any] = {name: int(told.get(name) or 0) for name in ("first_ms", "last_ms", "gone_ms")}
    texts: dict[str, Any] = {name: told.get(name, "") for name in ("title", "within")}
    return Page(number, int(told["network"]), told["url"], **texts, forms=tuple(json.loads(told["forms"])), **times)
