"""Kept pages read again by the rules of today. Nothing is fetched; what was stored before stays."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import queues
from errors import DataError
from parsing import charsets
from state.scraping import ledgers
from topics.scraping import config as configs
from topics.scraping import reading, stored, views
from topics.scraping.config import ScrapingConfig

#: Pages that a report names, of each sort.
MOST_TOLD = 1000


class Again(NamedTuple):
    """A page that was read again. `before` is the stored record; `problem` says why it could not be read."""

    before: dict[str, Any]
    record: dict[str, Any]
    problem: str = ""

    @property
    def changed(self) -> list[str]:
        """The names of what is different now, but for the version of the rules."""
        names = sorted(self.before.keys() | self.record.keys())
        return [name for name in names if name != "parser" and self.before.get(name) != self.record.get(name)]


def pages(id_: str, config: Mapping[str, Any] | None = None) -> Iterator[Again]:
    """Read the kept pages of a scrape, batch or crawl again. `config`: other options than those it had. Raises NotFound."""
    options = configs.of(config) if config else _options_of(id_)
    for before in views.records(id_):
        if "object" in before:
            yield _again(before, options)


def report(id_: str, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read the kept pages of a scrape, batch or crawl again: how many, and of up to 1,000 what changed or could not be read."""
    told: dict[str, Any] = {"scrape": id_, "read": 0, "changed": 0, "unread": 0, "changes": [], "problems": []}
    for number, again in enumerate(pages(id_, config), 1):
        told["unread" if again.problem else "read"] += 1
        told["changed"] += not again.problem and bool(again.changed)
        if again.problem and len(told["problems"]) < MOST_TOLD:
            told["problems"].append({"url": again.before["url"], "problem": again.problem})
        elif again.changed and len(told["changes"]) < MOST_TOLD:
            told["changes"].append({"url": again.before["url"], "changed": again.changed})
        queues.progress(number, message="pages read again")
    return told


def _options_of(id_: str) -> ScrapingConfig:
    ledger = ledgers.read(id_)
    return configs.load(ledger.fields["config"]) if ledger else ScrapingConfig()


def _again(before: dict[str, Any], config: ScrapingConfig) -> Again:
    try:
        body = stored.page(before["object"], before["sha256"])
        if body is None:
            return Again(before, before, "its kept page was removed")
        text, _ = charsets.decode(body, before.get("content_type"))
        record = reading.page(text, before["final_url"], config).record
    except DataError as exc:
        return Again(before, before, str(exc))
    kept = {name: value for name, value in before.items() if name in FETCHED}
    return Again(before, {**kept, **record})


#: What a record says of the fetch, not of the page.
FETCHED = frozenset(
    (
        *("n", "depth", "outcome", "url", "final_url", "status", "unchanged", "fetched_at", "elapsed_ms"),
        *("object", "sha256", "content_type", "kind", "bytes"),
    )
)
