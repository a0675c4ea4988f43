"""What the checks of a keyword saw: a summary of the result pages of each of the last days, small enough for 100,000 keywords.

    texts    domains and own addresses, each once, separated by line breaks; then a zero byte
    records  one a day, newest first:
             bytes 0-1  day, counted from 2020-01-01 (big endian)
             byte  2    bit 0: sandbox · bit 1: the AI overview cites the target · bit 2: its sources were read
             byte  3    organic results scanned (at most 255)
             bytes 4-7  bit n: the page showed FEATURES[n]
             byte  8    number of results that follow, byte 9: number of own addresses that follow
             then       for each result, from rank 1 on, the number of its domain's text; 255 = it shows no domain
             then       for each own result its rank and the number of its address; 255 = not known

The script that stores a rank puts the day in its place (lua/parts/serp_summaries.lua). It keeps SERP_SUMMARY_DAYS days, and fewer
where they name more than 254 texts: the oldest go. 30 days of ten results take 1 to 1.4 KB a keyword, the key
included, by how many domains come and go: 100 to 140 MB for 100,000 keywords. 30 days of twenty results take half as much again.
"""

import functools
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from state.store import connection
from state.tracking import keys

EPOCH = date(2020, 1, 1)
HEAD = struct.Struct(">HBBIBB")
NO_TEXT = 255
MOST_HOSTS, MOST_OURS = 20, 8
LONGEST_TEXT = 500  # characters; a longer address is not kept

#: Features of a page, in the order of their numbers: append only, 32 at most. Names are those of parsing/serp_features.py.
FEATURES = (
    *("general", "ad", "ai_overview", "discussions_and_forums", "featured_snippet", "flights", "hotels", "images", "jobs"),
    *("knowledge", "maps", "notice", "omitted_notice", "people_also_ask", "perspectives", "products", "recipes"),
    *("searches_related", "shopping_ads", "side_bar", "top_image_carousel", "top_stories", "twitter_cards", "videos"),
)
BITS = {name: 1 << number for number, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Summary:
    """What the check of a day saw.

    `hosts`: registrable domain and rank of each of the first 20 results; a result that shows no domain is left out.
    `ours`: address and rank of the project's own results, best first; "" = an address that is not known.
    """

    day: date
    hosts: tuple[tuple[str, int], ...] = ()
    features: frozenset[str] = frozenset()
    ours: tuple[tuple[str, int], ...] = ()
    scanned: int = 0
    cited: bool = False  # the AI overview names the target among its sources
    sandbox: bool = False  # invented by the sandbox provider
    sourced: bool = False  # the AI overview names sources; without them, nobody knows whom it cites


class Brief(NamedTuple):
    """A summary as it is stored: for counts over many. `number`: its day, counted from EPOCH."""

    number: int
    bits: int
    scanned: int
    features: int
    hosts: bytes  # for each rank from 1 on the number of a text
    own: bytes  # rank, number of a text, rank …
    texts: Sequence[str]

    @property
    def sandbox(self) -> bool:
        """Whether it was invented."""
        return bool(self.bits & 1)

    @property
    def cited(self) -> bool:
        """Whether the AI overview names the target."""
        return bool(self.bits & 2)

    @property
    def sourced(self) -> bool:
        """Whether the sources of the AI overview were read."""
        return bool(self.bits & 4)

    def places(self, ours: str) -> dict[str, int]:
        """The best rank of each domain; the project's own results count for `ours`, and for no domain."""
        own = self.own[::2]
        found = {ours: min(own)} if own else {}
        for rank, index in enumerate(self.hosts, 1):
            if index != NO_TEXT and rank not in own:
                found.setdefault(self.texts[index], rank)
        return found

    def whole(self) -> Summary:
        """The summary."""
        places = enumerate(self.hosts, 1)
        return Summary(
            day_of(self.number),
            tuple((self.texts[index], rank) for rank, index in places if index != NO_TEXT),
            features_of(self.features),
            tuple((_text(self.texts, index), rank) for rank, index in zip(self.own[::2], self.own[1::2], strict=True)),
            self.scanned,
            self.cited,
            self.sandbox,
            self.sourced,
        )


def pack(summaries: Iterable[Summary]) -> bytes:
    """The stored form of summaries, one a day."""
    texts: dict[str, int] = {}
    records = [_packed(one, texts) for one in sorted(summaries, key=lambda one: one.day, reverse=True)]
    return "\n".join(texts).encode(errors="replace") + b"\0" + b"".join(records) if records else b""


def unpack(value: bytes | None, most: int | None = None) -> list[Summary]:
    """The summaries of a stored value, newest first; `most`: only so many."""
    return [one.whole() for one in briefs(value, most)]


def briefs(value: bytes | None, most: int | None = None) -> list[Brief]:
    """The same in brief."""
    if not value:
        return []
    head, _, records = value.partition(b"\0")
    texts, found, at = head.decode().split("\n"), list[Brief](), 0
    while at + HEAD.size <= len(records) and (most is None or len(found) < most):
        number, bits, scanned, features, hosts, ours = HEAD.unpack_from(records, at)
        first = at + HEAD.size
        own, at = first + hosts, first + hosts + 2 * ours
        found.append(Brief(number, bits, scanned, features, records[first:own], records[own:at], texts))
    return found


def latest_of_many(keyword_ids: Sequence[str]) -> list[Summary | None]:
    """The newest summary of each keyword in one round trip; None where no check saw anything."""
    return [next(iter(unpack(value, 1)), None) for value in _values(keyword_ids)]


def of_many(keyword_ids: Sequence[str]) -> list[list[Summary]]:
    """All that is kept of several keywords, newest first, in one round trip."""
    return [unpack(value) for value in _values(keyword_ids)]


def briefs_of_many(keyword_ids: Sequence[str], most: int | None = None) -> list[list[Brief]]:
    """All that is kept of several keywords in brief, newest first, in one round trip."""
    return [briefs(value, most) for value in _values(keyword_ids)]


def of_days(keyword_id: str, since: date, until: date) -> list[Summary]:
    """The summaries of a keyword from `since` to `until`, both included, oldest first."""
    [found] = of_many([keyword_id])
    return [one for one in reversed(found) if since <= one.day <= until]


def number_of(day: date) -> int:
    """A day as briefs count it."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The day of a brief."""
    return EPOCH + timedelta(days=number)


def _values(keyword_ids: Sequence[str]) -> list[bytes | None]:
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.get(keys.serps(keyword_id))
        return list(pipe.execute())


def _packed(one: Summary, texts: dict[str, int]) -> bytes:
    domains = {rank: domain for domain, rank in one.hosts if rank <= MOST_HOSTS}
    hosts = bytes(_number(domains.get(rank, ""), texts) for rank in range(1, max(domains, default=0) + 1))
    best = sorted(one.ours, key=lambda own: own[1])[:MOST_OURS]
    ours = b"".join(bytes((min(rank, 255), _number(url, texts))) for url, rank in best)
    bits = (1 if one.sandbox else 0) | (2 if one.cited else 0) | (4 if one.sourced else 0)
    features = sum(BITS.get(name, 0) for name in one.features)
    return HEAD.pack(number_of(one.day), bits, min(one.scanned, 255), features, len(hosts), len(best)) + hosts + ours


def _number(text: str, texts: dict[str, int]) -> int:
    """The number of a text; one that cannot be kept has none."""
    if not text or len(text) > LONGEST_TEXT or "\n" in text or "\0" in text:
        return NO_TEXT
    return texts.setdefault(text, len(texts)) if text in texts or len(texts) < NO_TEXT else NO_TEXT


@functools.lru_cache(4096)
def features_of(bits: int) -> frozenset[str]:
    """The names of stored features."""
    return frozenset(name for name, bit in BITS.items() if bits & bit)


def _text(texts: Sequence[str], number: int) -> str:
    return texts[number] if number < min(len(texts), NO_TEXT) else ""
