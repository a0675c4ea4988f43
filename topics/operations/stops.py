"""What stops all work or a part of it: one look for `status`, `check`, `doctor`, commands, and a log line a minute."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

import config
import models
import queues
from models import Stop
from scheduling import entries, recurrence
from state.engine import snapshot, stops
from state.store import connection
from state.tracking import keywords, projects

log = logging.getLogger("trawl.stops")

#: What a start may see of others that have not started yet: it is logged where it is still so a minute later.
MAY_COME = frozenset({"no worker", "no scheduler", "stalled", "scheduler late"})

#: What keeps jobs that wait in a queue from running.
HOLDING = frozenset({"suspended", "no worker", "stalled"})

#: The entry of the schedule that queues keywords that are due (scheduler.py).
TICK = "schedule-enqueue-keyword-scrapes"

#: What is amiss with single entries of the schedule.
OF_ENTRIES = frozenset({"broken entry", "not armed"})


def every() -> list[Stop]:
    """All of it, the gravest first; one command that changes nothing."""
    return of(now())


def now() -> snapshot.Snapshot:
    """The look itself."""
    return snapshot.take(queues.QUEUES)


def of(seen: snapshot.Snapshot) -> list[Stop]:
    """What a look found, with the entries of the schedule that cannot run."""
    broken = {one.id: why for one in seen.entries if (why := _why_broken(one, seen.now.timestamp()))}
    return [*stops.found(seen, frozenset(broken)), *(_broken(entry, why) for entry, why in broken.items())]


def amiss(seen: snapshot.Snapshot) -> dict[str, bool]:
    """Entries of a table that are broken or not armed, by id; whether it is when they are due that is wrong."""
    now = seen.now.timestamp()
    ours = [one for one in seen.entries if one.seen.ours]
    unarmed = {one.id: False for one in ours if one.due is None and not one.off}
    return unarmed | {one.id: bool(_wrong_time(one, now)) for one in ours if _why_broken(one, now)}


def of_server() -> list[Stop]:
    """Why Redis takes no writes, or may lose them; another few commands that change nothing."""
    refuses = not config.settings().allow_unsafe_redis
    judged = [verdict for verdict in connection.examine() if verdict.stops or verdict.grade == "refused"]
    return [Stop("redis", verdict.says, f"{verdict.fix}.", wrong=verdict.stops or refuses) for verdict in judged]


def holding(*names: str) -> list[Stop]:
    """What keeps jobs that wait in these queues from running (default: in any)."""
    return [stop for stop in every() if stop.name in HOLDING and (not names or stop.queue is None or stop.queue in names)]


def of_keyword(keyword: models.Keyword, job_queue: str | None) -> list[str]:
    """Why a keyword waits, one sentence each; empty where it is simply not due yet, or is being checked this moment.

    `job_queue`: the queue of the job that holds it, if one waits there.
    """
    project = projects.find(keyword.project_id)
    if project is None:
        return [f"Its project {keyword.project_id} is gone."]
    reasons = ["It is archived: `python manage.py keyword unarchive` checks it again."] if keyword.archived else []
    if not project.active:
        reasons.append(f"Its project is inactive: `python manage.py project activate {project.id}` lets it take part again.")
    due = None if keyword.archived else keywords.next_due(keyword.id)
    if job_queue is None and (reasons or due is None or due > connection.now()):
        return reasons
    return reasons + _of_work([job_queue] if job_queue else [queues.HIGH, queues.DEFAULT], for_a_tick=job_queue is None)


def of_project(project: models.Project, due: int) -> list[str]:
    """Why a project's keywords that are due wait."""
    if not project.active:
        return [f"It is inactive: `python manage.py project activate {project.id}` lets it take part again."]
    return _of_work([queues.HIGH, queues.DEFAULT], for_a_tick=True) if due else []


def _of_work(names: list[str], for_a_tick: bool) -> list[str]:
    """What holds up checks: in these queues, and before that, where a tick is to queue them."""
    seen = now()
    stopped = of(seen)
    served = {name for worker in seen.workers for name in worker.queues}
    found = [stop for stop in stopped if stop.name in ("suspended", "halted")]
    found += [stops.unserved(name) for name in names if name not in served]
    found += [stop for stop in stopped if stop.name == "stalled" and stop.queue in names]
    found += [stops.no_place(stops.FETCHING)] if seen.limits.get(stops.FETCHING) == "0" else []
    if for_a_tick:
        found += _of_tick(seen, stopped)
    return [str(stop) for stop in found] or (_next_tick(seen) if for_a_tick else [])


def _of_tick(seen: snapshot.Snapshot, stopped: list[Stop]) -> list[Stop]:
    if not any(one.id == TICK for one in seen.entries):
        return [stops.never_scheduled()]
    late = ("no scheduler", "scheduler late")
    return [stop for stop in stopped if stop.name in late or entries.name_of(TICK) in stop.says]


def _next_tick(seen: snapshot.Snapshot) -> list[str]:
    at = next((one.due for one in seen.entries if one.id == TICK), None)
    return [f"It waits for the next tick, at {datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC."] if at is not None else []


class Watch:
    """Logs once a minute what stops all work, for a process that runs for long."""

    def __init__(self) -> None:
        self._looked = False

    def say(self) -> None:
        """Look, and log a line for each. To be called once a minute; its first look comes with the start of all the others."""
        for stop in every():
            if stop.wrong and (self._looked or stop.name not in MAY_COME):
                since = {"since": stop.since.isoformat()} if stop.since else {}
                log.warning("%s", stop, extra={"stop": stop.name, **since})
        self._looked = True


def _broken(entry_id: str, why: str) -> Stop:
    name = entries.name_of(entry_id)
    fix = "`python manage.py doctor --fix` writes it anew; `python manage.py schedule list` shows all."
    return Stop("broken entry", f"The entry {name} of the schedule is broken: {why}.", fix)


def _why_broken(one: snapshot.Entry, now: float) -> str | None:
    """Why an armed entry does not run; None = it does, or is not armed."""
    if one.off or one.due is None:
        return None
    why = entries.why_broken(replace(one.seen, due=b"%d" % now, waited=False), now)
    return why or _wrong_time(one, now)


def _wrong_time(one: snapshot.Entry, now: float) -> str | None:
    """Why an entry that could run is due at a time that its rule does not give."""
    if one.due is None or not recurrence.is_time(one.due):
        return f"it is due at {one.due or 0:g}, which is no time"
    if not one.seen.ours or entries.why_broken(replace(one.seen, due=b"%d" % now, waited=False), now):
        return None
    following = recurrence.read(one.seen.meta or b"").calendar.after(int(now), int(now))
    if one.due <= following + stops.LATE_S:
        return None
    return f"it is due at {datetime.fromtimestamp(one.due, UTC):%Y-%m-%d %H:%M} UTC only, later than its rule says"
