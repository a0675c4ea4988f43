"""How a scrape, batch or crawl is shown."""

from typing import Any

from commands import output


def show(seen: Any, as_json: bool) -> None:
    """One look, for people or as JSON."""
    if as_json:
        output.as_json(_facts(seen))
        return
    output.fields(_pairs(seen))


def listed(found: Any, further: str, as_json: bool) -> None:
    """Batches and crawls, and the cursor of the next ones."""
    if as_json:
        output.json_list([_facts(one) for one in found])
        return
    rows = [[one.id, one.kind, one.state, f"{one.percent:g} %", one.progress.counts["found"], one.says] for one in found]
    output.table(("id", "kind", "state", "progress", "found", "because"), rows)
    if further:
        output.line(f"There are more: --cursor {further}")


def over(seen: Any, as_json: bool) -> int:
    """The last look of who waited; returns the exit code."""
    show(seen, as_json)
    return 0 if seen.is_good else 1


def _facts(seen: Any) -> dict[str, Any]:
    facts = {"id": seen.id, "kind": seen.kind, "state": seen.state, "says": seen.says or None, "percent": seen.percent}
    if seen.progress is not None:
        known = seen.progress
        facts |= {"url": known.url or None, **known.counts, "eta": known.eta}
        facts |= {"started_at": known.started_at, "ended_at": known.ended_at}
    return facts


def _pairs(seen: Any) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = [("id", seen.id), ("kind", seen.kind), ("state", seen.state)]
    if seen.says:
        pairs.append(("because", seen.says))
    if seen.progress is None:
        result = seen.result or {}
        return pairs + [
            (name, result[name])
            for name in ("url", "status", "title", "count", "words", "cost_credits")
            if result.get(name) is not None
        ]
    known, counts = seen.progress, seen.progress.counts
    pairs += [("url", known.url)] if known.url else []
    pairs += [("found", f"{counts['found']:,}"), ("done", f"{counts['done']:,}")]
    pairs += [("skipped", _sum(counts["skipped"])), ("failed", _sum(counts["failed"])), ("pending", f"{counts['pending']:,}")]
    if counts.get("alike"):
        pairs.append(("alike", f"{counts['alike']:,} (with a text that another page has, but for figures)"))
    pairs += [
        ("progress", f"{known.percent:g} %"),
        ("expected to end", known.eta),
        ("began", known.started_at),
        ("ended", known.ended_at),
    ]
    if counts["credits"]:
        pairs.append(
            ("credits", f"{counts['credits']:g}, {counts['credits_lost']:g} of them for pages that were blocked or failed")
        )
    return [*pairs, ("replays", counts["parent"])] if "parent" in counts else pairs


def _sum(parts: dict[str, int]) -> str:
    named = ", ".join(f"{name} {count:,}" for name, count in parts.items())
    return f"{sum(parts.values()):,}" + (f" ({named})" if named else "")
