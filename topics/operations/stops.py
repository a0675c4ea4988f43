"""What stops all work or a part of it: one look for `status`, `check`, `doctor`, commands, and a log line a minute."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

import config
import queues
from models import Stop
from scheduling import entries, recurrence
from state.engine import snapshot, stops, watched
from state.store import connection
from topics import budgets
from topics.webhooks import endpoints, views

log = logging.getLogger("trawl.stops")

#: What a start may see of others that have not started yet: it is logged where it is still so a minute later.
MAY_COME = frozenset({"no worker", "no scheduler", "stalled", "scheduler late"})

#: What keeps jobs that wait in a queue from running.
HOLDING = frozenset({"suspended", "no worker", "stalled"})

#: Budgets that are looked at.
MOST_BUDGETS = 100

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


def of_records() -> list[Stop]:
    """Keys of events, counts or history that somebody broke; another round trip that changes nothing."""
    broken = watched.broken()
    says = "The key {} is no {}: what becomes of jobs is not kept. No job is held up by it."
    return [
        Stop("history", says.format(key, kind), f"`{connection.cli()} DEL {key}`; what it held is lost.") for key, kind in broken
    ]


def of_webhooks() -> list[Stop]:
    """Webhooks that nobody answered for so long that they are told nothing more. One that somebody switched off is none."""
    return [
        Stop(
            "webhook",
            f"The webhook {one.id} ({views.shown_url(one.url)}) is told nothing more: {one.off}.",
            f"`python manage.py webhook on {one.id}` sends what waits.",
            since=views.moment(one.number("off_ms")),
        )
        for one in endpoints.standing()
        if one.off and one.off != endpoints.BY_HAND
    ]


def of_budgets() -> list[Stop]:
    """Budgets that are used up, or nearly; of many those that were used last. Their jobs wait for the month to turn."""
    fix = "`python manage.py budget set {}` raises it; its jobs go on at once."
    return [
        Stop("budget", f"{says}.", fix.format(one.scope), since=since, wrong=False, until=one.ends_at)
        for one in budgets.every(MOST_BUDGETS)
        if (says := budgets.warning(one)) and (since := one.warned_100_at or one.warned_80_at)
    ]


def holding(*names: str) -> list[Stop]:
    """What keeps jobs that wait in these queues from running (default: in any)."""
    found = [stop for stop in every() if stop.name in HOLDING or (stop.name == "paused" and stop.queue)]
    return [stop for stop in found if not names or stop.queue is None or stop.queue in names]


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
