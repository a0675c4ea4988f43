"""Why a batch or crawl waits: its own state, and what the jobs of its lanes wait for."""

import re
from collections import Counter
from typing import Any

import wording
from models import Stop
from state.engine import job_looks
from state.scraping import lane_looks, ledgers
from topics.operations import job_waits
from topics.scraping import progress

#: Lanes whose jobs are looked at, and reasons that are told.
MOST_LANES, MOST_REASONS = 20, 12

#: What is said of a single job, and not of the work it is part of.
OF_ONE = ("place", "running", "prefetched")

#: Of reasons that differ in figures alone, one is told.
FIGURES = re.compile(r"[0-9]+")

COUNTS = ("found", "done", "pending", "in_flight", "skipped", "failed")


def of(ledger: ledgers.Ledger) -> tuple[str, list[Stop], dict[str, Any]]:
    """Its state in a word, every reason why it is not over, and its counts. Reads only."""
    seen = progress.read(ledger)
    facts = {name: seen.counts[name] for name in COUNTS} | {"percent": seen.percent, "eta": seen.eta}
    if ledger.state == "running":
        return seen.state, _running(ledger), facts
    if ledger.state == "stopped":
        says = f"It is stopped ({ledger.fields.get('says', 'no reason given')}); {_pages(ledger.pending)} pending."
        return seen.state, [Stop("stopped", says, _command("continue", ledger, "goes on."), wrong=False)], facts
    if ledger.state == "opening":
        return seen.state, [_opening(ledger)], facts
    return seen.state, _over(ledger, seen), facts


def _opening(ledger: ledgers.Ledger) -> Stop:
    if job_looks.at(ledger.id).is_there:
        return Stop("opening", f"Its job {ledger.id} has not begun its lanes.", "", wrong=False)
    return Stop("lost", "It never began, and the job that begins it is gone.", _command("continue", ledger, "begins it."))


def _over(ledger: ledgers.Ledger, seen: progress.Progress) -> list[Stop]:
    """How it ended, and what can be done about what is missing."""
    if seen.state == "complete":
        return [Stop("complete", "It is complete: nothing is to be done.", "", ledger.at("ended_ms"), wrong=False)]
    found = [Stop(seen.state, f"It is over, and {reason}.", "", ledger.at("ended_ms"), wrong=False) for reason in seen.reasons]
    fixes = [_command("continue", ledger, "takes the pending pages.")] if ledger.pending else []
    fixes += [_command("replay", ledger, "tries the failed pages again.")] if ledger.failed else []
    return [*found, Stop("pages", f"{_pages(ledger.pending)} pending.", " ".join(fixes), wrong=False)] if fixes else found


def _running(ledger: ledgers.Ledger) -> list[Stop]:
    lanes = lane_looks.of(ledger.id)
    states: Counter[str] = Counter()
    reasons: dict[str, Stop] = {}
    for job_id in list(lanes.jobs)[:MOST_LANES]:
        look = job_looks.at(job_id)
        state, found = job_waits.of(look) if look.is_there else ("gone", [])
        states[state] += 1
        reasons |= {FIGURES.sub("", stop.says): stop for stop in found if stop.name not in OF_ONE}
    told = ", ".join(f"{count:,} {state}" for state, count in states.most_common())
    own = [Stop("lanes", f"{wording.pluralize(len(lanes.jobs), 'lane')} at work: {told or 'none'}.", "", wrong=False)]
    if not lanes.jobs or states["gone"]:
        says = "No lane has a job." if not lanes.jobs else f"The job of {wording.pluralize(states['gone'], 'lane')} is gone."
        own.append(Stop("lost", says, "the entry tend-crawls starts it again within two minutes, if a scheduler runs."))
    return [*own, *list(reasons.values())[:MOST_REASONS], *_pages_wait(lanes)]


def _pages_wait(lanes: lane_looks.Lanes) -> list[Stop]:
    """What its pages wait for."""
    found = []
    if lanes.host_at and all(lanes.jobs.values()):
        says = f"Its next page is one of {lanes.host}, from {lanes.host_at:%Y-%m-%d %H:%M:%S} UTC on."
        found.append(Stop("host", says, "", wrong=False, until=lanes.host_at))
    if lanes.retry_at:
        says = f"{_pages(lanes.retries)} tried again, the first at {lanes.retry_at:%Y-%m-%d %H:%M:%S} UTC."
        found.append(Stop("retry", says, "", wrong=False, until=lanes.retry_at))
    return found


def _pages(count: int) -> str:
    return f"{wording.pluralize(count, 'page')} {'is' if count == 1 else 'are'}"


def _command(name: str, ledger: ledgers.Ledger, does: str) -> str:
    return f"`python manage.py scrape {name} {ledger.id}` {does}"
