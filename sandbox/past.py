"""A past for the demo: what checks of the days before today would have found in the sandbox, with gaps and failures.

All of it is marked as invented. A day that a keyword has already stays as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import chunks
import models
from parsing import domains
from sandbox import invented_results, pages, rankings
from state.tracking import details, history, keywords, outcomes, projects
from state.tracking.serp_summaries import MOST_HOSTS, Summary
from topics.tracking import check, days, notes

#: Days before today: changes since 30 days are known then, also where nobody checked on that day.
DAYS = 32

#: Of all days, by their number: on two of seventeen nobody checked anything, on one of 23 Google blocked a third.
GAP_EVERY, GAP_DAYS, BLOCKED_EVERY, BLOCKED_SHARE = 17, 2, 23, 0.3

#: Share of other checks that failed, by their reason.
FAILED = {"captcha": 0.012, "network": 0.006, "parse_failure": 0.002}

#: Words of a keyword, and the tag of keywords that have one.
TAGS = {"buying": ("buy", "price", "cheap", "sale", "used"), "advice": ("best", "review", "guide", "how"), "local": ("near",)}

#: Days before today, and what happened.
NOTES = ((22, "New product pages went live"), (9, "Search engine update (invented)"))


@dataclass(frozen=True, slots=True)
class World:
    """The options of the sandbox whose past it is."""

    seed: int
    domains: tuple[str, ...]
    no_results: float


def of_demo(seed: int, no_results: float) -> Callable[[list[str], Callable[[], bool]], int]:
    """What gives projects a past in a sandbox of these options that ranks their domains."""

    def invent(project_ids: list[str], stopped: Callable[[], bool]) -> int:
        hosts = tuple(projects.get(project_id).domain for project_id in project_ids)
        return write(project_ids, World(seed, hosts, no_results), stopped=stopped)

    return invent


def write(
    project_ids: Sequence[str],
    world: World,
    progress: Callable[[int], object] = lambda done: None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Give the keywords of these projects the past that they lack, volumes, tags and notes; returns how many days were written.

    `progress` gets how many keywords are done. `stopped` is asked after each: True ends it, and the next call writes the rest.
    """
    written = done = 0
    for project in map(projects.get, project_ids):
        today = days.today(project)
        _note(project.id, today)
        for ids in chunks.of(keywords.ids_of(project.id), keywords.CHUNK):
            found = [one for one in keywords.find_many(ids) if one]
            details.write_many(
                project.id, {one.id: _details(one, world.seed) for one in found if one.volume is None and not one.tags}
            )
            known = history.briefs_of_many([one.id for one in found], DAYS + 1)
            for keyword, past in zip(found, known, strict=True):
                if stopped():
                    return written
                wanted = missing(today, {one.number for one in past})
                outcomes.record_past(keyword, [_check(keyword, project, day, world) for day in wanted])
                written, done = written + len(wanted), done + 1
                progress(done)
    return written


def missing(today: date, known: set[int]) -> list[date]:
    """The days before today on which somebody checked, and of which nothing is known."""
    past = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    return [day for day in past if day.toordinal() % GAP_EVERY >= GAP_DAYS and history.number_of(day) not in known]


def _check(keyword: models.Keyword, project: models.Project, day: date, world: World) -> tuple[models.Rank, Summary | None]:
    reason = _failure(keyword.text, day, world.seed)
    if reason:
        return models.Rank(day, models.RankState.UNKNOWN, reason=reason, sandbox=True), None
    target = domains.parse_target(project.domain)
    places = _places(keyword, project, day, world)
    first = next((rank for rank, place in enumerate(places, 1) if domains.may_match_host(target, place[1])), None)
    page = check.RESULTS_PER_PAGE
    scanned = min(len(places), (first + page - 1) // page * page if first else len(places))
    rank = models.Rank(day, models.RankState.NOT_FOUND, scanned, sandbox=True)
    ours: tuple[tuple[str, int], ...] = ()
    if first:
        result = invented_results.describe(keyword.text, day, places[first - 1])
        rank = models.Rank(day, models.RankState.RANKED, scanned, first, url=result.url, title=result.title, sandbox=True)
        ours = ((result.url, first),)
    features = pages.features_of(keyword.text, 0, world.seed) | ({"general"} if places else set())
    shown = [(domains.registrable(host) or host, rank) for rank, (_, host, *_) in enumerate(places[:scanned], 1)]
    return rank, Summary(day, tuple(shown[:MOST_HOSTS]), frozenset(features), ours, scanned, sandbox=True)


def _places(keyword: models.Keyword, project: models.Project, day: date, world: World) -> list[rankings.Place]:
    """What stands on the result pages as deep as the project looks."""
    if rankings.roll(world.seed, "nothing", keyword.text.lower()) < world.no_results:
        return []
    query = check.query_of(keyword, project)
    return rankings.ranking(query, day, seed=world.seed, domains=world.domains)[: project.depth]


def _failure(text: str, day: date, seed: int) -> str | None:
    """Why the check of that day failed; None = it did not."""
    left = rankings.roll(seed, "past", text, day.toordinal())
    if day.toordinal() % BLOCKED_EVERY == 0 and left < BLOCKED_SHARE:
        return "captcha"
    for reason, share in FAILED.items():
        left -= share
        if left < 0:
            return reason
    return None


def _details(keyword: models.Keyword, seed: int) -> details.Details:
    """Invented searches a month, and tags by the words of the keyword."""
    volume = round(10 ** (1.5 + 2.5 * rankings.roll(seed, "volume", keyword.text)), -1)
    words = keyword.text.lower().split()
    return details.Details(
        volume=int(volume), tags=tuple(tag for tag, named in TAGS.items() if any(word in named for word in words))
    )


def _note(project_id: str, today: date) -> None:
    if not notes.of(project_id):
        for back, text in NOTES:
            notes.add(project_id, today - timedelta(days=back), text, "demo")
