"""What `doctor` found, for people and as JSON."""

from collections.abc import Iterator
from typing import Any

from commands import output

SYMBOLS = {"ok": "✓", "warning": "!", "refused": "✗"}


def show(report: Any) -> None:
    """Print what was found, class by class."""
    from state.store import connection

    for stop in report.stops:
        output.line(f"{'✗' if stop.wrong else '!'} {stop.name}: {stop.says}")
        output.line(f"    fix: {stop.fix}")
    for verdict in report.server:
        output.line(f"{SYMBOLS[verdict.grade]} {verdict.check}: {verdict.says}")
        if verdict.fix:
            output.line(f"    fix: {verdict.fix}")
    for key, kind in report.broken.items():
        output.line(f"✗ {key}: it is a {kind}, so nothing that needs it works.")
        output.line(f"    fix: {connection.cli()} RENAME {key} {key}.broken")
    for name, tally in report.found.items():
        output.line(_line(name, tally, report.repaired.get(name)))
        if tally.count and not report.repaired:
            output.line(f"    fix: python manage.py doctor --fix ({_words(name)[1]})")
    for note in report.notes:
        output.line(f"- {note}")
    if not report.found:
        output.line("- The store was not looked through: mend what is above first.")


def _line(name: str, tally: Any, repaired: Any) -> str:
    what = f"{tally.count:,} {_words(name)[0]}: {_some(tally)}" if tally.count else ""
    mended = f"{repaired.count:,} repaired: {_some(repaired)}" if repaired and repaired.count else ""
    says = "; ".join(part for part in (what, mended) if part)
    return f"{'✗' if tally.count else '✓'} {name}{': ' + says if says else ''}"


def _some(tally: Any) -> str:
    more = ", …" if tally.count > len(tally.examples) else ""
    return ", ".join(tally.examples) + more


def _words(name: str) -> tuple[str, str]:
    from topics.upkeep import tallies

    return tallies.CLASSES[name]


def facts(report: Any) -> dict[str, Any]:
    """What was found, as --json prints it."""
    import dataclasses

    return {
        "right": report.is_right,
        "server": [dataclasses.asdict(verdict) for verdict in report.server],
        "broken_keys": report.broken,
        "store": list(_classes(report)),
        "stops": [dataclasses.asdict(stop) for stop in report.stops],
        "notes": report.notes,
    }


def _classes(report: Any) -> Iterator[dict[str, Any]]:
    for name, tally in report.found.items():
        repaired = report.repaired.get(name)
        some = tally if tally.count or not repaired else repaired
        yield {
            "class": name,
            "count": tally.count,
            "repaired": repaired.count if repaired else 0,
            "what": _words(name)[0],
            "fix": _words(name)[1],
            "examples": some.examples,
        }
