"""`doctor`: how the store is, what is damaged in it, and the repair. It works while everything runs."""

from collections.abc import Iterator
from typing import Any

import rich_click as click

from commands import output
from commands.root import traced_where

SYMBOLS = {"ok": "✓", "warning": "!", "refused": "✗"}


@click.command()
@click.option("--fix", is_flag=True, help="Repair what is found; safe while workers run, and safe to repeat.")
@output.json_option
@traced_where("fix")
def doctor(fix: bool, as_json: bool) -> int:
    """Examine Redis and the jobs, claims and keywords in it; without --fix this changes nothing.

    The exit code is 1 while anything is wrong (✗). A warning (!) is a choice that may be meant so, and does not count.
    """
    from doctor import examination

    report = examination.examine(fix, output.progress)
    if as_json:
        output.as_json(_facts(report))
    else:
        _print(report)
    return 0 if report.is_right else 1


COMMANDS = (doctor,)


def _print(report: Any) -> None:
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


def _facts(report: Any) -> dict[str, Any]:
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
