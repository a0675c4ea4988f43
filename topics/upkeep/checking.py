"""The health check of every half hour: the word for how the system is, its reasons, and what was slow in Redis."""

from topics.operations import health, maintenance
from topics.upkeep import reports, slow_log
from topics.upkeep.reports import Draft, Report


def check() -> Report:
    """Examine the server, the work and the slow log; what is wrong is logged, too. Changes nothing but the report."""
    return reports.made(reports.HEALTH, _check)


def _check(draft: Draft) -> None:
    found, problems = health.get_health(), maintenance.log_problems()
    draft.facts |= {"status": found.status.value, "problems": problems}
    draft.facts["reasons"] = [{"says": reason.says, "fix": reason.fix} for reason in found.reasons]
    draft.say(f"The system is {found.status.value}.")
    for reason in found.reasons:
        draft.say(f"{reason.says} {reason.fix}".strip())
    for problem in problems:
        if not any(problem in line for line in draft.lines):
            draft.say(problem)
    slow_log.tell(draft, reports.HEALTH)
