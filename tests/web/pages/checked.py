"""A keyword that was checked on several days, with its pages in the store of the test. Every text of it may be hostile."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import config
import models
from clients import storage
from state.tracking import details, keywords, outcomes
from state.tracking import projects as stored_projects
from state.tracking.serp_summaries import Summary
from tests import fakes
from tests.state import TODAY
from topics.tracking import check, projects, records, summaries

P = "example.com"

#: Runs where a text is taken for markup.
HOSTILE = "<img src=x onerror=\"window.ran='here'\">"


def objects() -> storage.Store:
    """The store of this test."""
    return storage.make(config.settings())


def keyword(text: str = "red shoes", depth: int = 20, **known: Any) -> models.Keyword:
    """A keyword of the project example.com."""
    if not any(one.id == P for one in _projects()):
        projects.add(P, projects.Options(depth=depth))
    projects.add_keywords(P, [text])
    found = projects.find_keyword(text, P)
    if known:
        details.write_many(P, {found.id: details.Details(**known)})
    return keywords.get(found.id)


def _projects() -> list[models.Project]:
    return list(stored_projects.every())


def checked(found: models.Keyword, answers: Any, ago: int = 0, **reply: Any) -> models.Rank:
    """Check it so many days before today, as a job would: page and rank are stored. `reply` replaces fields of replies."""
    day = TODAY - timedelta(ago)
    provider = fakes.Provider(answers)
    if reply:
        page = provider.page
        provider.page = lambda query, start: replace(page(query, start=start), **reply)  # type: ignore[method-assign]
    made = check.Check(found, _projects()[0], check.Tools(provider, objects()), nullcontext, day=day)
    try:
        rank = made.run()
    except check.CheckFailed as failure:
        rank = failure.rank
    stored = records.get(objects(), records.key_of(_projects()[0], found, day))
    remember(found, rank, summaries.of_check(stored, day) if stored else None)
    return rank


def remember(found: models.Keyword, rank: models.Rank, seen: Summary | None = None) -> None:
    """Keep a rank, and perhaps what its check saw, without any page."""
    outcomes.finish(found, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank, serp=seen))


def ranked(place: int, ago: int, url: str = "https://example.com/shoes", **fields: Any) -> models.Rank:
    """A known rank of so many days ago."""
    state = models.RankState.RANKED
    return models.Rank(TODAY - timedelta(ago), state, **{"scanned": 10, "rank": place, "url": url, "title": "Shoes", **fields})


def day(ago: int) -> date:
    """The day so many days ago."""
    return TODAY - timedelta(ago)
