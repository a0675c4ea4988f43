"""A project at a glance: where its keywords stand, how visible they are, what moved. Counted once over all keywords, and kept."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import chunks
import clock
import models
from state.tracking import history, keywords, overviews, projects
from state.tracking.history import Brief
from topics.tracking import days, moves, orders, visibility

#: Days of the course.
DAYS = 31

#: Movers are told since so many days before, and so many of each kind.
SINCE, MOVERS = (1, 7, 30), 20

#: Tags that are told.
TAGS = 50

#: Ranks read of a keyword: the course, and what held on its first day.
READ = DAYS + 14

#: Lowest rank of each band; what ranks lower is in the last.
BANDS = {3: "top_3", 10: "top_10", 20: "top_20", 100: "top_100"}

#: What a list of projects tells of an overview.
BRIEF = ("at", "keywords", "visibility", "visibility_changes", "distribution", "unknown_reasons")

#: How a keyword can stand on a day.
STANDS = (*BANDS.values(), "not_found", "unknown", "unchecked")


#: The band of each rank; lower ones are in the last.
BAND_OF = {rank: next(name for lowest, name in BANDS.items() if rank <= lowest) for rank in range(1, 101)}


def band(rank: Brief | None) -> str:
    """How a keyword stands: top_3 (1-3), top_10 (4-10), top_20 (11-20), top_100 (lower), not_found, unknown or unchecked."""
    if rank is None:
        return "unchecked"
    return rank.state.value if rank.rank is None else BAND_OF.get(rank.rank, BANDS[100])


def held(ranks: Sequence[Brief], numbers: Sequence[int], slack_days: int) -> Iterator[Brief | None]:
    """What was known on each of these days: the newest rank of it or of a few days before, an unknown one too.

    None = not checked lately. Days and ranks are oldest first.
    """
    at, last, count = 0, None, len(ranks)
    for number in numbers:
        while at < count and ranks[at].number <= number:
            last = ranks[at]
            at += 1
        yield last if last and number - last.number <= slack_days else None


@dataclass(slots=True)
class Day:
    """How all keywords stood on a day."""

    share: visibility.Share = field(default_factory=visibility.Share)
    stands: Counter[str] = field(default_factory=Counter)


class Overview:
    """A count over keywords that come one after the other."""

    def __init__(self, project: models.Project, today: date) -> None:
        self.project, self.today, self.weights = project, today, visibility.weights()
        self.slack = math.ceil(project.every_h / 24) + 1  # a rank holds until the next check is late
        self.days = {today - timedelta(days=back): Day() for back in reversed(range(DAYS))}
        self.numbers = [history.number_of(on) for on in self.days]
        self.tags: dict[str, Day] = {}
        self.reasons: Counter[str] = Counter()
        self.moves = {since: moves.Moves(MOVERS) for since in SINCE}
        self.next_tries: dict[str, datetime] = {}

    def count(self, keyword: models.Keyword, past: Sequence[Brief]) -> None:
        """Count a keyword; `past` are its last ranks, oldest first."""
        course = list(held(past, self.numbers, self.slack))
        for day, rank in zip(self.days.values(), course, strict=True):
            self._stand(day, rank, keyword)
        now = course[-1]
        for tag in keyword.tags:
            self._stand(self.tags.setdefault(tag, Day()), now, keyword)
        if now and now.state is models.RankState.UNKNOWN:
            self.reasons[now.reason or "unknown"] += 1
        for since, one in self.moves.items():
            one.take(keyword, course[-1 - since], now)

    def count_next(self, past: Sequence[Brief], due: datetime | None) -> None:
        """When a keyword whose last rank is unknown is tried again; None = it is in hand."""
        if due and past and past[-1].reason:
            self.next_tries[past[-1].reason] = min(due, self.next_tries.get(past[-1].reason, due))

    def _stand(self, day: Day, rank: Brief | None, keyword: models.Keyword) -> None:
        day.stands[band(rank)] += 1
        if rank and rank.state is not models.RankState.UNKNOWN:
            day.share.count(rank.rank, keyword.volume, self.weights)

    def facts(self) -> dict[str, Any]:
        """All of it, as plain data."""
        course = [{"day": on.isoformat(), **_facts(day)} for on, day in self.days.items()]
        tags = sorted(self.tags.items(), key=lambda item: (-item[1].stands.total(), item[0]))[:TAGS]
        return {
            "project": self.project.id,
            "at": clock.now().isoformat(),
            "day": self.today.isoformat(),
            "keywords": self.days[self.today].stands.total(),
            **_facts(self.days[self.today]),
            "visibility_changes": {f"days_{since}": self._change(since) for since in SINCE},
            "unknown_reasons": dict(self.reasons.most_common()),
            "next_tries": {reason: at.isoformat() for reason, at in self.next_tries.items()},
            "course": course,
            "moves": {f"days_{since}": one.facts() for since, one in self.moves.items()},
            "tags": [{"tag": tag, **_facts(day)} for tag, day in tags],
            "formula": visibility.FORMULA,
            "weights": list(self.weights),
        }

    def _change(self, since: int) -> float | None:
        now, before = (self.days[self.today - timedelta(days=back)].share.value for back in (0, since))
        return None if now is None or before is None else round(now - before, 4)


def make(project_id: str, progress: Callable[[int], object] = lambda done: None) -> dict[str, Any]:
    """Count a project and keep what came out for a week. Raises NotFound. Cost grows with its keywords. Safe to repeat."""
    project = projects.get(project_id)
    found, sorted_, seen = Overview(project, days.today(project)), orders.Orders(), 0
    for ids in chunks.of(keywords.ids_of(project_id), keywords.CHUNK):
        counted = (keywords.find_many(ids), history.briefs_of_many(ids, READ), keywords.due_times(project_id, ids))
        for keyword, past, due in zip(*counted, strict=True):
            if keyword:
                found.count_next(past, due)
                found.count(keyword, past)
                sorted_.count(keyword, past)
        seen += len(ids)
        progress(seen)
    facts, now = found.facts(), projects.find(project_id)
    if now is None or now.created_at != project.created_at:  # removed meanwhile: another one of that id begins without figures
        return facts
    overviews.keep(project_id, facts, {name: facts[name] for name in BRIEF})
    sorted_.keep(project_id, datetime.fromisoformat(facts["at"]))
    return facts


def kept(project_id: str) -> tuple[dict[str, Any], float] | None:
    """What was counted last, and how old it is (s); None where nothing is kept."""
    facts = overviews.read(project_id)
    return (facts, (clock.now() - datetime.fromisoformat(facts["at"])).total_seconds()) if facts else None


def briefs(project_ids: Sequence[str]) -> list[dict[str, Any] | None]:
    """Of each project the figures of BRIEF as counted last, with `age_s`; None where nothing is kept. One round trip."""
    found, now = overviews.read_briefs(project_ids), clock.now()
    return [one and {**one, "age_s": (now - datetime.fromisoformat(one["at"])).total_seconds()} for one in found]


def _facts(day: Day) -> dict[str, Any]:
    return {"visibility": day.share.value, "distribution": {name: day.stands[name] for name in STANDS}}
