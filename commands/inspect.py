"""`inspect`: what workers do and what queues hold, in the words of other job systems."""

import socket

import rich_click as click

import wording
from commands import output
from commands.options import limit_option

WORKERS = ("worker", "queues", "busy", "memory_mb", "jobs_done", "worked_s", "heard_s_ago")


@click.group("inspect")
def group() -> None:
    """What workers do and what queues hold."""


@group.command()
@limit_option
@output.json_option
def active(limit: int, as_json: bool) -> None:
    """List the jobs that run, and where."""
    from topics.operations import listing

    found = listing.list_jobs(["running"], limit).jobs
    if as_json:
        output.json_list(found)
        return
    rows = [[job.id, job.kind, job.queue, job.worker, job.started_at, job.description[:80]] for job in found]
    output.table(("id", "kind", "queue", "worker", "started", "call"), rows)


@group.command()
@output.json_option
def stats(as_json: bool) -> None:
    """Show the figures of the whole system: health, workers, queues, the last hours."""
    from topics.operations import metrics

    found = metrics.get_system_metrics()
    if as_json:
        output.as_json(found)
        return
    output.fields([("health", found["health_status"]), *found["worker_stats"].items(), *found["last_hour"].items()])


@group.command()
@output.json_option
def queues(as_json: bool) -> None:
    """Show what each queue holds, and who serves it."""
    from topics.operations import workers

    rows = workers.of_queues()
    if as_json:
        output.json_list(rows)
        return
    columns = ("queue", "jobs", "blocked", "due", "waiting_since", "workers")
    output.table(columns, [[row[name] for name in columns] for row in rows])


@group.command()
@click.option("--here", is_flag=True, help="Only workers of this machine, or of this container: as a probe of it.")
@output.json_option
def ping(here: bool, as_json: bool) -> int:
    """Show which workers live, by their last sign of life; the exit code is 1 where none does."""
    from state.store import connection
    from topics.operations import workers

    connection.hurry_for_probe()
    rows = workers.living()
    if here:
        rows = [row for row in rows if row["host"] == socket.gethostname()]
    if as_json:
        output.json_list(rows)
    else:
        output.table(WORKERS, [[row[name] for name in WORKERS] for row in rows])
        none = f"No worker lives{' here' if here else ''}: `python manage.py worker`."
        output.warn(wording.pluralize(len(rows), "worker") + " alive." if rows else none)
    return 0 if rows else 1
