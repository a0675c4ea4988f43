"""What a batch or crawl remembers of the request that began it."""

import json
from typing import Any

from state.scraping.ledgers import Ledger
from topics.scraping.crawl import Plan

FIELD = "firecrawl"
MOST_CHARS = 20_000

#: Options that are not shown again: they may hold secrets.
SECRET = ("headers", "webhook", "actions")


def added(plan: Plan, given: dict[str, Any], warnings: list[str]) -> Plan:
    """A crawl or batch that remembers the request."""
    return plan._replace(fields={**plan.fields, **of(given, warnings)})


def of(given: dict[str, Any], warnings: list[str]) -> dict[str, str]:
    """The notes of a ledger."""
    shown = {name: value for name, value in given.items() if name not in (*SECRET, "urls")}
    if isinstance(shown.get("scrapeOptions"), dict):
        shown["scrapeOptions"] = {name: value for name, value in shown["scrapeOptions"].items() if name not in SECRET}
    text = json.dumps({"options": shown, "warnings": warnings})
    return {FIELD: text if len(text) <= MOST_CHARS else json.dumps({"options": {}, "warnings": warnings})}


def read(ledger: Ledger) -> dict[str, Any]:
    """The notes again; `options` and `warnings` are always there."""
    text = ledger.fields.get(FIELD)
    found = json.loads(text) if text else {}
    return {"options": found.get("options", {}), "warnings": found.get("warnings", [])}
