"""How the system is, whether it is set up right, and the way out when keywords hang: status, check, reset_processing_flags."""

from typing import Any

import rich_click as click

import wording
from commands import output, root
from commands.options import Duration

#: Keywords that are shown of those being processed; --json gives all.
SHOWN = 50

#: Reasons that are named; jobs with others are counted together.
REASONS = 5

STUCK_S = 3600.0
WATCH_S = 2

SYMBOLS = {True: "✓", False: "✗", None: "-"}


@click.command()
@click.option("--watch", is_flag=True, help=f"Show it again every {WATCH_S} s until Ctrl-C.")
@click.option("--hours", type=click.IntRange(1, 90 * 24), metavar="N", help="Show the last N hours instead, a line each.")
@output.json_option
def status(watch: bool, hours: int | None, as_json: bool) -> None:
    """Show how the system is doing; this changes nothing."""
    import clock

    if hours:
        _show_hours(hours, as_json)
        return
    while watch:
        click.clear()
        _show_now(as_json)
        clock.wait(WATCH_S)
    _show_now(as_json)


@click.command()
@click.option("--probe", is_flag=True, help="Also write an object to the store; fail where provider or store does not answer.")
@output.json_option
def check(probe: bool, as_json: bool) -> int:
    """Check configuration, Redis, scripts, jobs, schedule, provider and storage; starts nothing."""
    from doctor import checks

    found = list(checks.every(probe))
    if as_json:
        output.json_list(found)
    else:
        for one in found:
            output.line(f"{SYMBOLS[one.ok]} {one.check}: {one.says}")
    return 0 if all(one.ok for one in found) else 1


@click.command("reset_processing_flags")
@click.option("--all", "every", is_flag=True, help="Free all; a job that still runs has its outcome refused.")
@click.option("--stuck", is_flag=True, help="Free those held for longer than --older-than.")
@click.option("--older-than", type=Duration(), metavar="TIME", help="With --stuck: e.g. 90s, 30m, 2h. [default: 1h]")
@click.option("--keyword", "keyword_id", metavar="ID", help="Free this keyword.")
@output.json_option
@root.traced_where("every", "stuck", "keyword_id")
def reset_processing_flags(as_json: bool, **asked: Any) -> None:
    """Show which keywords are being processed, or free them; freed keywords are due again."""
    chosen = _chosen(**asked)
    if chosen is None:
        _show_claims(as_json)
        return
    root.refuse_unsafe()
    freed = _reset(**chosen)
    if as_json:
        output.as_json({"freed": freed})
    else:
        output.line(f"{freed:,} freed; they are due again.")


COMMANDS = (status, check, reset_processing_flags)


def _show_now(as_json: bool) -> None:
    from state.store import connection
    from topics.operations import status as figures

    now = figures.now()
    if as_json:
        output.as_json({**_fields(now), "sandbox": now.provider == "sandbox", "redis": connection.where()})
    else:
        output.fields([*_status_lines(now), ("redis", connection.where())])


def _show_hours(number: int, as_json: bool) -> None:
    from state.engine import statistics

    rows = [{"hour": began, **kept} for began, kept in statistics.latest(number)]
    if as_json:
        output.json_list(rows)
        return
    columns = ("hour", "keywords", "eligible", "scraped_last_hour", "failed", "workers")
    output.table(columns, [[row.get(name) for name in columns] for row in rows])


def _chosen(every: bool, stuck: bool, older_than: float | None, keyword_id: str | None) -> dict[str, Any] | None:
    """What to free; None = nothing, only show."""
    if every + stuck + (keyword_id is not None) > 1:
        raise click.UsageError("--all, --stuck and --keyword exclude each other.")
    if older_than is not None and not stuck:
        raise click.UsageError("--older-than belongs to --stuck.")
    if not (every or stuck or keyword_id is not None):
        return None
    return {"older_than_s": (STUCK_S if older_than is None else older_than) if stuck else 0.0, "keyword_id": keyword_id}


def _reset(older_than_s: float, keyword_id: str | None) -> int:
    from topics.tracking import claims, projects

    held = claims.held(older_than_s, keyword_id)
    if keyword_id and not held:
        projects.find_keyword(keyword_id)  # says so where there is no such keyword at all
    with output.progress("Freeing", len(held)) as done:
        return claims.reset(held, done)


def _show_claims(as_json: bool) -> None:
    from topics.operations import views

    held = views.held_claims()
    if as_json:
        output.as_json({"processing": len(held), "stuck": sum(row["for_s"] > STUCK_S for row in held), "claims": held})
        return
    stuck = sum(row["for_s"] > STUCK_S for row in held)
    if held:
        columns = ("id", "keyword", "project", "since", "job", "job_status")
        output.table(columns, [[row[name] for name in columns] for row in held[:SHOWN]])
    if len(held) > SHOWN:
        output.line(f"and {len(held) - SHOWN:,} more (--json shows all)")
    output.line(f"{len(held):,} being processed, {stuck:,} of them for more than {wording.duration(STUCK_S)}.")


def _fields(now: Any) -> dict[str, Any]:
    import dataclasses

    return dataclasses.asdict(now)


def _status_lines(now: Any) -> list[tuple[str, object]]:
    beat = now.scheduler_beat
    memory = now.redis_memory_bytes
    return [
        *(("attention" if stop.wrong else "note", str(stop)) for stop in now.stops),
        ("projects", f"{now.projects:,}"),
        ("keywords", f"{now.keywords:,}"),
        ("processing", f"{now.processing:,}"),
        ("eligible", f"{now.eligible:,}"),
        ("scraped in the last hour", f"{now.scraped_last_hour:,}"),
        ("failed", f"{now.failed:,}"),
        ("queues", ", ".join(f"{name} {depth:,}" for name, depth in now.queue_depths.items())),
        *([("limits", ", ".join(map(_limit_words, now.limits)))] if now.limits else []),
        *([("blocked", _counts_words(now.blocked))] if now.blocked else []),
        *([("parked", _counts_words(now.parked))] if now.parked else []),
        ("workers", _worker_words(now) if now.workers else "no worker: `python manage.py worker`"),
        ("scheduler", f"alive {wording.duration((now.at - beat).total_seconds())} ago" if beat else "no scheduler"),
        ("schedule in the last hour", f"{now.missed_last_hour:,} missed, {now.late_last_hour:,} late"),
        ("halted", f"{now.halted} (`python manage.py serp resume` ends it)" if now.halted else "no"),
        ("redis memory", f"{memory / 1e6:,.1f} MB" if memory is not None else None),
        ("provider", "SANDBOX: its ranks are invented" if now.provider == "sandbox" else now.provider),
    ]


def _worker_words(now: Any) -> str:
    memory = [worker.memory_mb for worker in now.worker_records if worker.memory_mb is not None]
    uses = f", {sum(memory):,} MB (the largest {max(memory):,})" if memory else ""
    return f"{now.workers} alive, {now.busy_workers} busy{uses}"


def _counts_words(counts: dict[str, int]) -> str:
    shown = list(counts.items())[:REASONS]
    others = sum(counts.values()) - sum(count for _, count in shown)
    words = [f"{count:,} {reason}" for reason, count in shown]
    return ", ".join([*words, f"{others:,} for other reasons"] if others else words)


def _limit_words(limit: Any) -> str:
    waiting = f", {limit.blocked:,} blocked" if limit.blocked else ""
    return f"{limit.kind} {limit.running:,} of {limit.most:,}{waiting}"
