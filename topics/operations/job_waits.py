"""Why a job does not run: every reason, by where the job is. What holds up its whole queue or kind comes from waits.py."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import config
import queues
import wording
from models import Stop
from state.engine import job_looks, limits, pauses
from state.engine import stops as engine_stops
from state.engine.job_looks import Look
from state.engine.snapshot import Snapshot
from state.store import connection
from topics.operations import host_waits, stops, waits

#: Seconds after which a delayed job that is due counts as forgotten.
LATE_S = 60.0

DOCTOR = "`python manage.py doctor --fix` puts it back into its queue."

#: Kinds of jobs that are told one by one.
KINDS = 5


def of(look: Look) -> tuple[str, list[Stop]]:
    """The state of a job in one word, and every reason why it does not run now; of one that ended, how it ended."""
    queues.load_jobs()
    if not look.kind:  # no worker of this version has run yet
        look = replace(look, kind=queues.kinds().get(look.fields["description"].partition("(")[0], ""))
    if look.quarantined and look.status not in ("started", "finished"):
        return "quarantined", [_quarantined(look)]
    states: dict[str, Callable[[Look], tuple[str, list[Stop]]]] = {
        "queued": _queued,
        "started": _started,
        "scheduled": _scheduled,
        "deferred": _deferred,
        "finished": _ended,
        "failed": _ended,
        "stopped": _ended,
        "canceled": _ended,
    }
    return states.get(look.status, _strange)(look)


def _queued(look: Look) -> tuple[str, list[Stop]]:
    if look.lease_end and look.fields["prefetched"]:
        worker = look.fields["prefetched"].rsplit("-", 2)[0]
        says = f"The worker {worker} has it in hand: it has begun, or begins as soon as a thread is free."
        return "prefetched", [Stop("prefetched", says, "", wrong=False)]
    if look.is_in_hand:
        says = "A stock RQ worker has it in hand, or died with it."
        return "queued", [Stop("in hand", says, "`python manage.py doctor` says how to take it back.")]
    if look.place == -1:
        return "lost", [Stop("lost", f"It should wait in the queue {look.queue} and stands in no queue.", DOCTOR)]
    seen = stops.now()
    found = waits.of_jobs(seen, [look.queue], look.kind, _scopes(look))
    found += [_blocked(look)] if look.is_blocked else []
    return ("blocked" if look.is_blocked else "queued"), [*found, _place(look, seen)]


def _scopes(look: Look) -> list[str]:
    return [pauses.of_provider()] if look.kind == engine_stops.FETCHING else []


def _blocked(look: Look) -> Stop:
    """The place that a job of a limited kind waits for."""
    by_setting = config.settings().serp_concurrency if look.kind == limits.SERP else None
    most = min((one for one in (look.limit, by_setting) if one is not None), default=None)
    if most is None:
        says, fix = f"It was blocked, and the kind {look.kind} has no limit any more: it is among the first to start.", ""
        return Stop("limit", says, fix, wrong=False)
    is_setting = most == by_setting and most != look.limit
    where = " (SERP_CONCURRENCY: request slots of the provider)" if is_setting else ""
    direct = f", and {wording.pluralize(look.direct, 'call')} outside a job" if look.direct else ""
    says = f"At most {wording.pluralize(most, 'job')} of the kind {look.kind} may run{where}; {look.running:,} do{direct}."
    fix = "raise SERP_CONCURRENCY." if is_setting else f"`python manage.py limit set {look.kind} N` changes it."
    return Stop("limit", says, fix, wrong=False)


def _place(look: Look, seen: Snapshot) -> Stop:
    """Who is before it, and beside it: workers share their places between the queues."""
    if look.place == -2:
        says = f"It is among the {look.length:,} jobs of the queue {look.fields['origin']}, far from both ends."
        return Stop("place", says, "", wrong=False)
    more = _beside(look, seen)
    if look.place == 0:
        return Stop("place", f"It is the first in the queue {look.queue}.{more}", "", wrong=False)
    kinds, looked = job_looks.ahead(look, queues.kinds())
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(KINDS))
    if others := sum(kinds.values()) - sum(count for _, count in kinds.most_common(KINDS)):
        told += f", {others:,} others"
    of = f"of {looked:,} looked at: " if looked < look.place else ""
    jobs = "job stands" if look.place == 1 else "jobs stand"
    says = f"{look.place:,} {jobs} before it in the queue {look.queue} ({of}{told}).{more}"
    return Stop("place", says, "", wrong=False)


def _beside(look: Look, seen: Snapshot) -> str:
    """What workers may take before it from elsewhere."""
    others = ", ".join(f"{one.queue} ({one.total:,})" for one in seen.waiting if one.total and one.queue != look.queue)
    says = f" Workers serve other queues beside it: {others}." if others else ""
    if look.blocked and not look.is_blocked:
        says += f" {wording.pluralize(look.blocked, 'blocked job')} of its kind may start before."
    return says


def _started(look: Look) -> tuple[str, list[Stop]]:
    worker, since = look.fields["worker_name"], _moment(look.fields["started_at"])
    if look.lease_end is None:
        says = f"Its record says that it runs on the worker {worker or 'unknown'}, and no lease says so."
        return "lost", [Stop("lost", says, DOCTOR, since)]
    if look.lease_end <= look.now:
        ago = wording.duration((look.now - look.lease_end).total_seconds())
        says = f"Its worker {worker} died or stands still: the lease ended {ago} ago."
        return "running", [Stop("lease over", says, "any worker that runs takes it back within seconds.", since)]
    span = f" for {wording.duration((look.now - since).total_seconds())}" if since else ""
    stopping = " Somebody cancelled it: it ends within seconds." if look.fields["cancel"] else ""
    says = f"It runs{span} on the worker {worker}.{_progress(look.fields['progress'])}{stopping}"
    return "running", [Stop("running", says, "", since, wrong=False)]


def _scheduled(look: Look) -> tuple[str, list[Stop]]:
    is_parked, has_failed = bool(look.fields["parked"]), bool(look.fields["error_message"])
    state = "parked" if is_parked else "retry" if has_failed else "delayed"
    if look.due is None:
        return "lost", [Stop("lost", "It is delayed, and stands in no list that anybody moves.", DOCTOR)]
    found = _parked(look) if is_parked else [_retry(look)] if has_failed else [_delayed(look)]
    later = waits.of_jobs(stops.now(), [look.queue], look.kind, _scopes(look))
    if (look.now - look.due).total_seconds() > LATE_S:
        fix = f"`{engine_stops.WORKER}` starts a worker, which moves it."
        later.insert(0, Stop("overdue", f"It is due since {_words(look.due)}, and nobody moved it to its queue.", fix, look.due))
    known = {str(stop) for stop in found}
    return state, [*found, *(stop for stop in later if str(stop) not in known)]


def _parked(look: Look) -> list[Stop]:
    reason = look.fields["parked"]
    says = f"It is parked until {_words(look.due)}: {reason}. No attempt is spent."
    found = [Stop("parked", says, "", wrong=False, until=look.due)]
    if scope := pauses.scope_of(reason):
        held = pauses.among([scope])
        return [*map(engine_stops.paused, held), *found]
    return found + host_waits.details(reason)


def _retry(look: Look) -> Stop:
    left = look.fields["retries_left"] or "0"
    says = f"It failed ({_error(look)}) and is tried again at {_words(look.due)}; {left} more after that."
    if look.fields["error_category"] == "":
        says = f"It failed and is tried again at {_words(look.due)}."
    return Stop("retry", says, "", wrong=False, until=look.due)


def _delayed(look: Look) -> Stop:
    return Stop("scheduled", f"It is to run at {_words(look.due)}.", "", wrong=False, until=look.due)


def _deferred(look: Look) -> tuple[str, list[Stop]]:
    found = [_dependency(*one) for one in job_looks.dependencies(look.id)]
    if look.fields["rate_limit_key"]:
        found.append(Stop("rate limit", f"It waits for RQ's rate limit {look.fields['rate_limit_key']}.", "", wrong=False))
    return "deferred", found or [Stop("lost", "It waits for other jobs, and its record names none.", DOCTOR)]


def _dependency(job_id: str, status: str) -> Stop:
    if status in ("failed", "stopped", "canceled"):
        fix = f"`{_requeue(job_id)}` runs that one again." if status != "canceled" else "cancel this one, or submit both again."
        return Stop("dependency", f"It waits for the job {job_id}, which is {status}: it will not start by itself.", fix)
    if not status:
        says = f"It waits for the job {job_id}, whose record is gone: it will not start by itself."
        return Stop("dependency", says, "cancel it, and submit it again.")
    if status == "finished":
        return Stop("dependency", f"The job {job_id} it waits for is finished: it is queued within a minute.", "", wrong=False)
    fix = f"`python manage.py why {job_id}` says more."
    return Stop("dependency", f"It waits for the job {job_id}, which is {status}.", fix, wrong=False)


def _requeue(job_id: str) -> str:
    return connection.rq_command(f"requeue {job_id}")


def _ended(look: Look) -> tuple[str, list[Stop]]:
    at = _moment(look.fields["ended_at"])
    when = f" at {_words(at)}" if at else ""
    if look.status == "finished":
        return "finished", [Stop("finished", f"It finished{when}: nothing is to be done.", "", at, wrong=False)]
    if look.status == "canceled":
        return "canceled", [Stop("canceled", f"It was cancelled{when}: it does not run.", "submit it again.", at, wrong=False)]
    attempts = f" after {wording.pluralize(int(look.fields['attempt']), 'attempt')}" if look.fields["attempt"].isdigit() else ""
    says = f"It {'was stopped' if look.status == 'stopped' else 'failed'}{when}{attempts}: {_error(look)}."
    return look.status, [Stop(look.status, says, f"`{_requeue(look.id)}` runs it again.", at)]


def _quarantined(look: Look) -> Stop:
    says = f"It stands in quarantine, because it is no job that a worker can run: {look.quarantined}."
    return Stop("quarantine", says, "submit it again; `python manage.py doctor` shows what else stands there.")


def _strange(look: Look) -> tuple[str, list[Stop]]:
    if look.status == "created":
        return "created", [Stop("created", "It was made and never put into a queue.", f"`{_requeue(look.id)}` queues it.")]
    says = f"Its record says {look.status!r:.40}, which is no state of a job."
    return "broken", [Stop("broken", says, "submit it again.")]


def _error(look: Look) -> str:
    category, message = look.fields["error_category"], look.fields["error_message"].rstrip(".")
    return f"{category}: {message}" if category else message or "its result has the error"


def _progress(raw: str) -> str:
    try:
        told = json.loads(raw) if raw else {}
        step, total, message = told.get("step"), told.get("total"), told.get("message")
    except (ValueError, AttributeError):
        return ""
    if step is None:
        return ""
    of = f" of {total:,} ({step / total:.0%})" if isinstance(total, int) and total and isinstance(step, int) else ""
    return f" It is at step {step}{of}{f': {message}' if message else ''}."


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _words(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "some time"
