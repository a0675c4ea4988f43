"""The health of the whole system in one word, by rules, with the reasons and the command that mends each.

UNHEALTHY: work that should go on does not. Redis takes no writes or does not answer; workers are suspended; jobs wait and no
worker serves their queue, or stands still; fetching is halted; half of the jobs that ended in the last two hours failed.

DEGRADED: work goes on, and something is wrong: any other stop that `status` calls attention to; no worker at all; a fifth of the
jobs failed; a job was poisoned in the last two hours.

HEALTHY: neither. Shares of failures count from 20 jobs on. What somebody stopped on purpose makes nothing worse.
"""

from dataclasses import dataclass
from enum import StrEnum

from errors import StoreUnreachable, UnsafeStore
from models import Stop
from state.engine import hourly
from state.engine.hourly import Hour
from state.engine.snapshot import Snapshot
from state.store import connection
from topics.operations import stops


class Health(StrEnum):
    """The three words, worse and worse."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    UNHEALTHY = "UNHEALTHY"


#: Stops that end all work, or all of a queue.
GRAVE = frozenset({"redis", "suspended", "no worker", "stalled", "halted"})

#: Shares of failed jobs, and from how many jobs on they count.
BAD_SHARE, WORST_SHARE, FROM = 0.2, 0.5, 20

#: Hours that are looked at: the present one has hardly begun at times.
HOURS = 2

EXIT_CODES = {Health.HEALTHY: 0, Health.DEGRADED: 1, Health.UNHEALTHY: 2}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the system is no better than `grade`, and the command or action that mends it; "" where `says` names it.

    `stop`: the name of the stop behind it; "" = there is none.
    """

    grade: Health
    says: str
    fix: str
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The health of one moment; reasons are the gravest first. `notes`: what somebody stopped on purpose."""

    status: Health
    reasons: list[Reason]
    notes: list[str]

    @property
    def exit_code(self) -> int:
        """0, 1 or 2, from healthy to unhealthy."""
        return EXIT_CODES[self.status]


def get_health() -> Report:
    """The health of this moment; also where Redis does not answer. Reads only."""
    try:
        with connection.errors_translated():
            seen, hours = stops.now(), hourly.latest(HOURS)
            found = [*stops.of_server(), *stops.of(seen), *stops.of_records(), *stops.of_webhooks(), *stops.of_budgets()]
    except (StoreUnreachable, UnsafeStore) as exc:
        return Report(Health.UNHEALTHY, [Reason(Health.UNHEALTHY, str(exc), "")], [])
    reasons = [_of_stop(stop) for stop in found if stop.wrong] + _of_workers(seen, found) + _of_hours(hourly.total(hours))
    reasons.sort(key=lambda reason: -EXIT_CODES[reason.grade])
    return Report(reasons[0].grade if reasons else Health.HEALTHY, reasons, [str(stop) for stop in found if not stop.wrong])


def _of_stop(stop: Stop) -> Reason:
    return Reason(Health.UNHEALTHY if stop.name in GRAVE else Health.DEGRADED, stop.says, stop.fix, stop.name)


def _of_workers(seen: Snapshot, found: list[Stop]) -> list[Reason]:
    if seen.workers or any(stop.name == "no worker" for stop in found):
        return []
    return [Reason(Health.DEGRADED, "No worker runs.", "`python manage.py worker` starts one.", "no worker")]


def _of_hours(hours: Hour) -> list[Reason]:
    """What the last hours say."""
    over, failed, reasons = hours.count("finished", "failed"), hours.count("failed"), []
    if over >= FROM and failed >= BAD_SHARE * over:
        grade = Health.UNHEALTHY if failed >= WORST_SHARE * over else Health.DEGRADED
        says = f"{failed:,} of {over:,} jobs failed in the last {HOURS} hours."
        reasons.append(Reason(grade, says, "`python manage.py history --status failed` shows them."))
    if poisoned := hours.count("poisoned"):
        says = (
            f"{poisoned:,} {'job' if poisoned == 1 else 'jobs'} killed workers and {'was' if poisoned == 1 else 'were'} given up."
        )
        reasons.append(Reason(Health.DEGRADED, says, "`python manage.py history --status failed --category system` shows them."))
    return reasons
