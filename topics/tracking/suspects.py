"""The guard against false drops: where most keywords of a project fall on a day, those ranks are held until a sample says more.

A rank fell where it was known before, and is lower by SUSPECT_PLACES or not found now. One that was not looked for so deep fell
too, unless the project itself looks less deep. After a change of the site or of the market nothing fell. What is held is unknown
in the history, so nothing shows it as the truth.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import clock
import config
import models
from state.tracking import drops, history, projects, suspects
from state.tracking.drops import Drop
from state.tracking.suspects import DISCARDED, HELD
from topics.tracking import ranks

log = logging.getLogger("trawl.suspects")

#: Days back in which a known rank is compared, and ranks that are read for that.
COMPARED = 30

#: Settings that make ranks of before and after two different things.
MARKET = frozenset({"domain", "country", "language", "device", "location"})

#: Falls of fewer places are no news; one that is nearly back is back.
LEAST_DROP, NEARLY = 3, 2


def judged(project: models.Project, keyword: models.Keyword, rank: models.Rank) -> models.Rank:
    """The rank that is recorded: the one that was read, or unknown where it fell in a run that is held. Safe to repeat."""
    before = last_before(keyword.id, rank)
    if before is None or not before.rank or rank.state is models.RankState.UNKNOWN:
        note(project, keyword, before, rank)
        return rank
    if (rank.rank is None or rank.rank > before.rank) and asks_elsewhere(project.id, before.day):
        drops.end(project.id, keyword.id)
        return rank
    if config.settings().suspect_sample:
        fell = has_fallen(before, rank, project.depth)
        state, trips = suspects.judge(project.id, keyword.id, rank, fell=fell)
        if trips:
            log.warning(
                "Most keywords of a project fell: their ranks are held", extra={"project": project.id, "day": str(rank.day)}
            )
        if fell and state in (HELD, DISCARDED):
            return suspects.unknown(rank, suspects.REASON if state == HELD else suspects.REASON_DISCARDED)
    note(project, keyword, before, rank)
    return rank


def asks_elsewhere(project_id: str, day: date) -> bool:
    """Whether a project asks for another site or another market since a day: then lower ranks are no falls."""
    return any(one.name in MARKET and one.at.date() >= day for one in projects.changes(project_id))


def facts(run: suspects.Run) -> dict[str, Any]:
    """A run that was held, as plain data; `says` is a sentence."""
    sums = f"{run.fallen:,} of {run.compared:,} comparable ranks fell on {run.day}"
    told = {
        suspects.HELD: f"{sums}: they are held, and a sample is checked again",
        suspects.RELEASED: f"{sums}, and it is so: {run.note}",
        suspects.WATCHED: f"A mass drop on {run.day} was {run.note}; its keywords are checked again",
        suspects.DISCARDED: f"{sums}, and that is not believed; {run.note}",
    }
    moments = {"held_at": _moment(run.held_ms), "decided_at": _moment(run.decided_ms)}
    names = ("day", "state", "compared", "fallen", "round", "note")
    return {**{name: getattr(run, name) for name in names}, **moments, "sample": run.sample, "says": f"{told[run.state]}."}


def _moment(ms: int) -> datetime | None:
    return datetime.fromtimestamp(ms / 1000, UTC) if ms else None


def has_fallen(before: models.Rank, rank: models.Rank, depth: int) -> bool:
    """Whether a rank is so much lower that a run of such is suspect. `before` is ranked."""
    if before.rank is None:
        return False
    if rank.rank is None:
        return before.rank <= depth
    return rank.rank - before.rank >= config.settings().suspect_places


def last_before(keyword_id: str, rank: models.Rank) -> models.Rank | None:
    """The last known rank of a former day."""
    [found] = history.latest_of_many([keyword_id], COMPARED)
    return ranks.last_known([one for one in found if rank.day - timedelta(days=COMPARED) <= one.day < rank.day])


def note(project: models.Project, keyword: models.Keyword, before: models.Rank | None, rank: models.Rank) -> None:
    """Keep for alerts that a keyword fell, or that it is back. What was not looked for so deep may stand where it stood.

    What the sandbox invented is no news.
    """
    if rank.state is models.RankState.UNKNOWN or rank.sandbox:
        return
    there = drops.find(project.id, keyword.id)
    was = there.was if there else before.rank if before else None
    if was is None:
        return
    if rank.rank is not None and rank.rank - was <= (NEARLY if there else LEAST_DROP - 1):
        if there:
            drops.end(project.id, keyword.id)
        return
    if rank.rank is None and rank.scanned < was:
        return
    if there is None or (there.to, there.day) != (rank.rank, rank.day.isoformat()):
        at_ms = there.at_ms if there else round(clock.now().timestamp() * 1000)
        drops.put(project.id, keyword.id, Drop(keyword.text, was, rank.rank, rank.scanned, rank.day.isoformat(), at_ms))
