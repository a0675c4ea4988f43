"""The clean-up of every day: what has expired goes. By hand also jobs that ended long ago."""

from collections.abc import Callable

import config
import queues
import wording
from state.engine import history, owned, quarantined, registries
from topics.access import tidying
from topics.operations import job_cleaning
from topics.upkeep import reports
from topics.upkeep.reports import Draft, Report

#: How long the record of what was no job is kept.
QUARANTINE_S = 30 * 86_400

#: Fact → what it counts, in words.
WORDS = {
    "expired": ("entry of a job whose record has expired", "entries of jobs whose records have expired"),
    "cancelled": ("job cancelled a week ago", "jobs cancelled a week ago"),
    "quarantined": ("record of what was no job", "records of what was no job"),
    "history": ("job of the history", "jobs of the history"),
    "unlisted": ("job that its owner's list still named", "jobs that their owners' lists still named"),
    "access": ("session, link or view that was over", "sessions, links and views that were over"),
}


def clean_up(older_than_days: float | None = None, done: Callable[[int], object] = lambda count: None) -> Report:
    """Remove what has expired, and with an age the jobs that ended so many days ago. `done` hears how many of those went.

    Raises ArgumentError for an age that is none. Safe to repeat; others wait for it for a few milliseconds at most.
    """
    if older_than_days is not None:
        job_cleaning.check_age(older_than_days)
    return reports.made(reports.CLEANUP, lambda draft: _clean_up(draft, older_than_days, done))


def _clean_up(draft: Draft, older_than_days: float | None, done: Callable[[int], object]) -> None:
    facts, settings = draft.facts, config.settings()
    facts["expired"] = registries.prune(queues.QUEUES)
    facts["cancelled"] = sum(registries.forget_cancelled(name) for name in queues.QUEUES)
    facts["quarantined"] = quarantined.forget(QUARANTINE_S)
    facts["history"] = history.trim(settings.history_days, settings.history_max)
    facts["unlisted"] = owned.prune()
    facts["access"] = tidying.tidy()
    if older_than_days is not None:
        removed = job_cleaning.cleanup_old_jobs(older_than_days, done)
        facts |= {"older_than_days": older_than_days, "jobs": removed.records}
        facts["history"] += removed.history
        states = ", ".join(f"{count:,} {state}" for state, count in removed.records.items()) or "none"
        draft.say(f"Removed jobs that ended {older_than_days:g} days ago or earlier: {states}.")
    for name, words in WORDS.items():
        if facts[name]:
            draft.say(f"Removed {wording.pluralize(facts[name], *words)}.")
    if not draft.lines:
        draft.say("Nothing had expired.")
