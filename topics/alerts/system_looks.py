"""Looks at the whole system: its health, its workers, its schedule."""

from collections.abc import Iterator

from state.alerts.incidents import CRITICAL, Finding
from topics.alerts.looking import GRADES, Look, finding, of_stop
from topics.operations import health

#: Stops that the rule of the schedule tells.
OF_SCHEDULE = ("no scheduler", "scheduler late", "broken entry", "not armed")


def unhealthy(look: Look) -> Iterator[Finding]:
    """What makes the system unhealthy and no other rule tells."""
    rule, table = look.rules.rules.health, look.rules.rules
    told = {name for name in OF_SCHEDULE if table.schedule.enabled} | ({"no worker"} if table.no_worker.enabled else set())
    left = [one for one in health.get_health().reasons if one.stop not in told]
    if left:
        worst = max(left, key=lambda one: health.EXIT_CODES[one.grade])
        lines = tuple(f"{one.says} {one.fix}".strip() for one in left)
        grade = CRITICAL if worst.grade is health.Health.UNHEALTHY else GRADES[rule.grade]
        fix = "`python manage.py health` says more."
        yield finding("health", rule, f"Health is {worst.grade}", worst.says, fix, grade=grade, lines=lines)


def unserved(look: Look) -> Iterator[Finding]:
    """No worker at all, or none for a queue that holds jobs."""
    rule = look.rules.rules.no_worker
    if not look.seen.workers:
        waits = sum(one.total for one in look.seen.waiting)
        says = f"No worker runs. {waits:,} {'job waits' if waits == 1 else 'jobs wait'}."
        yield finding("no_worker", rule, "No worker runs", says, "`python manage.py worker` starts one.")
        return
    for stop in look.stops:
        if stop.name == "no worker":
            yield of_stop(f"no_worker:{stop.queue}", rule, f"No worker serves the queue {stop.queue}", stop)


def late(look: Look) -> Iterator[Finding]:
    """Periodic work that does not run."""
    rule = look.rules.rules.schedule
    for name in OF_SCHEDULE:
        for stop in [stop for stop in look.stops if stop.name == name][:1]:
            yield of_stop(f"schedule:{name}", rule, f"The schedule: {name}", stop)
