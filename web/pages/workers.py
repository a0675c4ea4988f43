"""Workers: what lives, what each process runs now, and one asked to end after its jobs."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, Response, request

import logs
from topics.operations import floor, workers
from topics.operations.floor import Floor, Process, Running
from web import access, seen
from web.access import Role
from web.pages import frame, tables
from web.pages.tables import Column

WORKERS = (
    Column("worker", "Worker"),
    Column("host", "Host"),
    Column("pid", "Process", "its id on that host", numeric=True),
    Column("version", "RQ", "version of RQ that it runs"),
    Column("state", "State", "draining: it takes no more jobs, and ends after those that it runs"),
    Column("started_at", "Up since"),
    Column("memory_mb", "Memory (MB)", "resident memory", numeric=True),
    Column("used", "Places used", "jobs that it runs now, of those that it may run at a time", numeric=True),
    Column("places", "Places", "jobs that it may run at a time", numeric=True),
    Column("ahead", "Taken ahead", "jobs in its hand that have not begun", numeric=True),
    Column("jobs_done", "Jobs done", "since it started", numeric=True),
    Column("queues", "Serves"),
    Column("heard_s_ago", "Last beat", "a worker at rest beats once a minute", numeric=True),
)

RUNNING = (
    Column("job", "Job"),
    Column("kind", "Kind"),
    Column("what", "What"),
    Column("worker", "Worker"),
    Column("queue", "Queue"),
    Column("for_s", "Runs for", numeric=True),
    Column("percent", "Progress (%)", "as the job says", numeric=True),
    Column("says", "Says"),
)

EMPTY = "No worker lives: `python manage.py worker` starts one, `python manage.py up` all processes."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/workers", "workers_page", workers_page)
    app.add_url_rule("/workers/<path:name>/stop", "workers_stop_page", stop, methods=["POST"])


@access.needs(Role.VIEWER)
def workers_page() -> Response:
    """All workers that live, and the jobs that they run now."""
    now = floor.floor()
    found = [_row(one) for one in now.processes]
    living = tables.all_at_once(found)
    running = tables.all_at_once(list(_jobs(now)))
    for name, columns, read in (("workers", WORKERS, living), ("running", RUNNING, running)):
        if request.args.get("table", "workers") == name and (file := tables.wanted_file(name, columns, read)):
            return file
    return frame.show(
        "workers.html",
        "Workers",
        count=len(found),
        busy=sum(bool(one["busy"]) for one in found),
        lost=len(now.lost),
        found=tables.make("workers", "Workers that live now", WORKERS, living, EMPTY),
        running=tables.make("running", "Jobs that they run now", RUNNING, running, "No worker runs a job now."),
    )


@access.needs(Role.OPERATOR)
def stop(name: str) -> Response:
    """Ask a worker to end after its jobs; asks first."""
    says = f"{name} will take no more jobs, and end after those that it runs. Where a supervisor tends it, another one starts."
    if not frame.is_confirmed():
        path = f"/workers/{name}/stop"
        return frame.confirm("Stop a worker", says, path, button="Stop it politely", back="/workers")
    workers.stop(name)
    return frame.done("/workers", f"{name} was asked to end after its jobs.")


def _row(one: Process) -> dict[str, Any]:
    facts, is_busy = one.figures, one.figures["busy"] or bool(one.running)  # its last beat may be 15 s old
    state = "draining" if facts["draining"] else "busy" if is_busy else "idle"
    return {**facts, "busy": is_busy, "state": state, "used": len(one.running), "ahead": one.ahead}


def _jobs(now: Floor) -> Iterator[Mapping[str, Any]]:
    """A row a running job, those that run longest first. What belongs to another key shows no more than that it is there."""
    rows = [(str(one.figures["worker"]), running) for one in now.processes for running in one.running]
    rows += [(f"{running.job.worker or ''} (gone)".strip(), running) for running in now.lost]
    for worker, running in sorted(rows, key=lambda row: -(row[1].for_s or 0)):
        yield _job(worker, running)


def _job(worker: str, running: Running) -> dict[str, Any]:
    job, is_seen = running.job, seen.may(running.job)
    told = job.progress if is_seen else None
    return {
        "job": job.id if is_seen else None,
        "kind": job.kind,
        "what": logs.without_secrets(running.what) if is_seen else "a job of another key",
        "worker": worker,
        "queue": job.queue,
        "for_s": None if running.for_s is None else round(running.for_s, 1),
        "percent": round(100 * told.step / told.total, 1) if told and told.total else None,
        "says": told.message if told else "",
        "step": told.step if told else None,
        "total": told.total if told else None,
    }
