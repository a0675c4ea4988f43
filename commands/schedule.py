"""`schedule`: what runs when, how it went, and an entry run, disabled or enabled by hand."""

from typing import Any

import rich_click as click

from commands import output
from commands.root import tell_what_holds, writes

NAME = click.argument("name", metavar="NAME")

COLUMNS = ("name", "when", "queue", "missed_rule", "overlap", "last_run", "next_run", "missed", "skipped", "late", "state")

#: Why an entry is not armed, in words; without a reason of ours it was rq-scheduler's cancel().
OFF = {"hand": "disabled", "removed": "removed", "": "cancelled"}

#: What its last occurrence does, by the status of its job; where that is over, or none was, the entry is simply on.
OF_LAST = {"queued": "queued", "started": "running", "scheduled": "retrying"}


@click.group("schedule")
def group() -> None:
    """Periodic work: what runs when, and how it went."""


@group.command("list")
@output.json_option
def list_(as_json: bool) -> int:
    """List the entries; the exit code is 1 while one of them is broken."""
    from state.engine import schedule_records
    from state.store import connection

    now = connection.now().timestamp()
    rows = [_facts(record, now) for record in schedule_records.records()]
    if as_json:
        output.json_list(rows)
    else:
        output.table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])
        for row in rows:
            if row["broken"]:
                output.warn(f"{row['name']} is broken: {row['broken']}.")
    return 1 if any(row["broken"] for row in rows) else 0


@group.command()
@NAME
@output.json_option
@writes
def run(name: str, as_json: bool) -> int:
    """Queue an entry now, out of turn, also a disabled one; its next run stays as it is."""
    record = _find(name)
    outcome, job = _run_by_hand(record)
    if as_json:
        output.as_json({"outcome": outcome, "job": job if outcome == "queued" else record.last_job})
    elif outcome == "queued":
        output.line(f"Queued as {job}.")
    else:
        output.warn(f"Nothing was queued: an earlier run is not over{f' ({record.last_job})' if record.last_job else ''}.")
    tell_what_holds()
    return 0 if outcome == "queued" else 1


@group.command()
@NAME
@writes
def enable(name: str) -> None:
    """Let an entry run again; what it missed is made up for as its rule says."""
    import errors
    from state.engine import schedules

    record = _find(name)
    if record.off == schedules.REMOVED:
        raise errors.ArgumentError(f"{name} left the table of this version: add its row to table() in scheduler.py.")
    output.line(f"{name} is enabled." if schedules.enable(record.id) else f"{name} was enabled already.")


@group.command()
@NAME
@writes
def disable(name: str) -> None:
    """Let an entry rest until it is enabled, also over restarts and new versions."""
    from state.engine import schedules

    record = _find(name)
    changed = schedules.disable(record.id, schedules.HAND)
    output.line(f"{name} is disabled." if changed else f"{name} was disabled already.")


def _find(name: str) -> Any:
    import errors
    from state.engine import schedule_records

    record = schedule_records.find(f"schedule-{name}") or schedule_records.find(name)
    if record is None:
        raise errors.NotFound(f"No entry {name!r} in the schedule: see `python manage.py schedule list`.")
    return record


def _run_by_hand(record: Any) -> tuple[str, str]:
    import secrets

    import errors
    from scheduling import entries, recurrence
    from state.engine import schedules
    from state.store import connection

    now = connection.now().timestamp()
    why = _why_broken(record, now)
    if why or not _comes_again(record):
        raise errors.ArgumentError(f"{record.id} cannot be run by hand: {why or 'it runs once, when it is due'}.")
    one = entries.occurrence(entries.as_seen(record), now)
    assert one and one.job, "it is not broken"
    [outcome] = schedules.enqueue_occurrences([one], secrets.token_hex(8), recurrence.ON_TIME_S)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome, one.job.id


def _why_broken(record: Any, now: float) -> str | None:
    """Why an entry cannot run; None = it can."""
    from scheduling import entries

    return entries.why_broken(entries.as_seen(record, b"%d" % now), now)


def _comes_again(record: Any) -> bool:
    from scheduling import recurrence

    return record.ours or recurrence.is_periodic(record.fields.get(b"meta", b"{}"))


def _facts(record: Any, now: float) -> dict[str, Any]:
    from scheduling import recurrence

    why = _why_broken(record, now)
    rules = recurrence.read(record.fields[b"meta"]) if not why and _comes_again(record) else None
    why = None if record.off else why  # a removed row names a function that is gone, and rests
    return {
        "name": record.id.removeprefix("schedule-") if record.ours else record.id,
        "id": record.id,
        "when": rules.says if rules else None if _comes_again(record) else "once",
        "queue": record.fields.get(b"origin", b"").decode(errors="replace"),
        "missed_rule": rules.missed if rules else None,
        "overlap": rules.overlap if rules else None,
        "last_run": record.last_due_at,
        "last_began": record.last_began_at,
        "last_job": record.last_job,
        "last_job_status": record.last_job_status,
        "next_run": record.next_at,
        **record.counts,
        "state": "broken" if why else _state(record),
        "broken": why,
    }


def _state(record: Any) -> str:
    if record.off or not record.next_at:
        return OFF[record.off]
    if record.waits:
        return "waits"
    return OF_LAST.get(record.last_job_status, "on")
