"""How far a batch or crawl is, in the words of its ledger: found = done + skipped + failed + pending."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import clock
import wording
from errors import NotFound
from state.scraping import ledgers
from state.scraping.ledgers import Ledger

#: Failures that may pass: a crawl with one of them is not complete.
MAY_PASS = ("network", "blocked", "system", "budget", "config")

CUTS = {
    "limit": "its bound of pages was reached",
    "requests": "its bound of requests was reached",
    "deadline": "its time was over",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch or crawl now. `state`: opening, running, stopped, complete, partial or failed; `reasons` say what is missing."""

    id: str
    kind: str
    url: str
    state: str
    reasons: tuple[str, ...]
    counts: dict[str, Any]
    percent: float
    steps: tuple[int, int]  # pages that are over, of how many at most
    eta: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


def of(ledger_id: str) -> Progress:
    """The progress of a batch or crawl; one command. Raises NotFound."""
    ledger = ledgers.read(ledger_id)
    if ledger is None:
        raise NotFound(f"No batch or crawl {ledger_id}: it never existed, or its record has expired.")
    return read(ledger)


def read(ledger: Ledger) -> Progress:
    """What a ledger says."""
    state, reasons = _state(ledger)
    counts: dict[str, Any] = {
        name: getattr(ledger, name) for name in ("found", "done", "pending", "in_flight", "skipped", "failed")
    }
    counts |= {"retries": ledger.number("retries"), "alike": ledger.number("alike")}
    counts |= {name: ledger.number(f"milli{name}") / 1000 for name in ("credits", "credits_lost")}
    fields = ledger.fields
    facts = {name: fields[name] for name in ("parent", "says") if name in fields}
    began, ended = ledger.at("started_ms"), ledger.at("ended_ms")
    percent, eta = _percent(ledger, state), _eta(ledger, state)
    return Progress(
        ledger.id,
        ledger.kind,
        fields.get("url", ""),
        state,
        reasons,
        {**counts, **facts},
        percent,
        _steps(ledger),
        eta,
        began,
        ended,
    )


def _state(ledger: Ledger) -> tuple[str, tuple[str, ...]]:
    if ledger.state != "over":
        return ledger.state, tuple(filter(None, [ledger.fields.get("says")]))
    reasons = [CUTS[ledger.fields["cut"]]] if ledger.fields.get("cut") in CUTS else []
    if ledger.pending and not reasons:
        reasons.append("pages are still pending")
    reasons += [
        f"{ledger.skipped[name]:,} pages were cut by {words}" for name, words in SHORTENED.items() if ledger.skipped.get(name)
    ]
    failed = sum(count for name, count in ledger.failed.items() if name in MAY_PASS)
    if failed:
        reasons.append(f"{wording.pluralize(failed, 'page')} failed and may be tried again by `scrape replay`")
    if not ledger.done and (ledger.failed or not ledger.found or ledger.kind == "crawl"):
        return "failed", (*reasons, _nothing(ledger))
    return ("partial" if reasons else "complete"), tuple(reasons)


def _nothing(ledger: Ledger) -> str:
    """Why no page at all was read."""
    if ledger.skipped.get("other site"):
        return "its first page sends on to another site: crawl that one"
    if ledger.skipped.get("robots"):
        return "robots.txt forbids its first page"
    reasons = ", ".join([*ledger.failed, *ledger.skipped])
    return f"no page could be read ({reasons})" if reasons else "no page could be read"


#: A pattern of addresses whose pages differ in figures alone may be a calendar without end, or a list that matters.
SHORTENED = {
    "depth": "max_depth",
    "limit": "expected_pages",
    "alike": "what looked like a trap: they differ from others in figures alone",
}


def _bound(ledger: Ledger) -> int:
    """How many pages there will be at most: those found, or the bound of a crawl."""
    left_out = sum(ledger.skipped.values())
    return min(ledger.found, ledger.number("max_pages") + left_out + sum(ledger.failed.values()))


def _steps(ledger: Ledger) -> tuple[int, int]:
    return ledger.found - ledger.pending, _bound(ledger)


def _percent(ledger: Ledger, state: str) -> float:
    if state in ("complete", "partial", "failed"):
        return 100.0
    ended, bound = _steps(ledger)
    return round(min(99.0, 100 * ended / bound), 1) if bound else 0.0


def _eta(ledger: Ledger, state: str) -> datetime | None:
    """When it will end, if pages go on to come as they did so far; None where that cannot be said."""
    started, ended = ledger.at("started_ms"), ledger.found - ledger.pending
    fetched = ledger.done + sum(ledger.failed.values())
    if state != "running" or started is None or fetched < 3:
        return None
    passed_s = max(0.001, (clock.now() - started).total_seconds())
    left = max(0, min(ledger.pending, _bound(ledger) - ended))
    return clock.now() + timedelta(seconds=left * passed_s / fetched)
