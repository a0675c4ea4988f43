"""Who ranks beside a project, from what its checks saw: nothing is fetched. Counted over all keywords once, and kept."""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import chunks
import clock
import models
from errors import ArgumentError
from parsing import domains
from state.tracking import competitors as kept_counts
from state.tracking import keywords, projects, serp_summaries
from topics.tracking import beaten_keywords, days, visibility, voice_courses, voices

#: Days of the course, and the days before with which shares are compared.
DAYS, SINCE = 30, (1, 7, 28)

#: Domains that are told, domains whose course is told beside the pinned ones, and what gained or lost most.
LEADERS, CHARTED, MOVERS = 100, 5, 10

#: Domains against which keywords are told beside the pinned ones, and keywords of each.
RIVALS, BEATEN = 10, 25

#: Features that say nothing of a page: every page has organic results.
NO_FEATURES = frozenset({"general"})


def make(project_id: str, progress: Callable[[int], object] = lambda done: None) -> dict[str, Any]:
    """Count a project and keep what came out for a week. Raises NotFound. Cost grows with its keywords. Safe to repeat.

    All of it is read twice: first who leads, then the course of those.
    """
    project = projects.get(project_id)
    pins, today, slack = kept_counts.pins(project_id), days.today(project), slack_days(project)
    newest = serp_summaries.number_of(today)
    weights = visibility.weights()
    count = voices.Voices([newest - since for since in (*reversed(SINCE), 0)], slack, weights)
    for keyword, past in _pasts(project_id, progress):
        count.count(past, keyword.volume)
    leaders = _leaders(count, pins)
    chosen = list(dict.fromkeys([*pins, *leaders[:RIVALS]]))
    course = voice_courses.Course(range(newest - DAYS + 1, newest + 1), slack, weights, chosen)
    beaten = {domain: beaten_keywords.Beaten(weights, BEATEN) for domain in chosen}
    for keyword, past in _pasts(project_id, progress, count.taken):
        places = course.count(past, keyword.volume)
        for domain, one in beaten.items():
            one.take(keyword, places.get(domain), places.get(voices.OURS))
    facts = _facts(project, today, pins, count, leaders)
    facts["course"] = [_day(today - timedelta(days=DAYS - 1 - at), course, at) for at in range(DAYS)]
    facts["charted"] = leaders[:CHARTED]
    facts["beaten_by"] = {domain: one.rows() for domain, one in beaten.items()}
    kept_counts.keep(project_id, facts)
    return facts


def kept(project_id: str) -> tuple[dict[str, Any], float] | None:
    """What was counted last, and how old it is (s); None where nothing is kept."""
    facts = kept_counts.read(project_id)
    return (facts, (clock.now() - datetime.fromisoformat(facts["at"])).total_seconds()) if facts else None


def slack_days(project: models.Project) -> int:
    """Days for which a result page counts after it was read: until the next check is late."""
    return math.ceil(project.every_h / 24) + 1


def pin(project_id: str, domain: str) -> str:
    """Pin a domain, so that its course is always counted; returns it as it is kept. Ten at most. Safe to repeat.

    Raises ArgumentError for what is no domain, and for the project's own; NotFound for the project.
    """
    named = named_domain(domain)
    if str(domains.parse_target(projects.get(project_id).domain)) == named:
        raise ArgumentError(f"{named} is the project's own domain: it is always counted.")
    kept_counts.pin(project_id, named)
    return named


def unpin(project_id: str, domain: str) -> str:
    """Take a pin away; returns the domain. Safe to repeat. Raises ArgumentError, NotFound."""
    named = named_domain(domain)
    kept_counts.unpin(project_id, named)
    return named


def named_domain(text: str) -> str:
    """The registrable domain that a person names. Raises ArgumentError."""
    host = domains.parse_target(text).host
    return domains.registrable(host) or host


def compared(project_id: str) -> list[str]:
    """The domains that keywords are compared with: the pinned ones; without pins, the loudest of the last count."""
    facts = kept_counts.read(project_id) or {}
    return list(kept_counts.pins(project_id)) or facts.get("charted", [])


def spoken_domain(text: str) -> str:
    """The domain that an address of ours names: as `named_domain`, and what is no domain of one owner as it stands."""
    try:
        return named_domain(text)
    except ArgumentError:
        return text.strip().lower()


def of_keyword(keyword: models.Keyword, until: date, most: int = 10) -> dict[str, Any]:
    """Who ranked for a keyword in the last 30 days until a day: the first domains of the last result page, and the pinned ones.

    `days` are those on which a page was read, oldest first. Each of `domains` has `domain` ("" = the project itself), `pinned`,
    `rank`, `before` (on the day before that was read), `best`, and `ranks`, one for each of `days`. None = not among the results
    that were kept of the day. Two round trips.
    """
    [past] = serp_summaries.briefs_of_many([keyword.id])
    last, first = serp_summaries.number_of(until), serp_summaries.number_of(until) - DAYS
    read = [one for one in reversed(past) if first < one.number <= last]
    places = [one.places(voices.OURS) for one in read]
    pins = kept_counts.pins(keyword.project_id)
    leading = sorted(places[-1].items(), key=lambda place: place[1])[:most] if places else []
    names = dict.fromkeys([voices.OURS, *(domain for domain, _ in leading), *pins])
    return {
        "days": [serp_summaries.day_of(one.number).isoformat() for one in read],
        "scanned": read[-1].scanned if read else 0,
        "domains": sorted(
            (_course(name, [place.get(name) for place in places], name in pins) for name in names),
            key=lambda row: (row["rank"] is None, row["rank"] or 0, row["domain"]),
        ),
    }


def _course(domain: str, ranks: Sequence[int | None], pinned: bool) -> dict[str, Any]:
    known = [rank for rank in ranks if rank]
    before = ranks[-2] if len(ranks) > 1 else None
    last = ranks[-1] if ranks else None
    return {
        "domain": domain,
        "pinned": pinned,
        "rank": last,
        "before": before,
        "best": min(known, default=None),
        "ranks": list(ranks),
    }


def _pasts(
    project_id: str, progress: Callable[[int], object], done: int = 0
) -> Iterator[tuple[models.Keyword, list[serp_summaries.Brief]]]:
    for ids in chunks.of(keywords.ids_of(project_id), keywords.CHUNK):
        for keyword, past in zip(keywords.find_many(ids), serp_summaries.briefs_of_many(ids), strict=True):
            if keyword:
                yield keyword, past
        done += len(ids)
        progress(done)


def _leaders(count: voices.Voices, pins: Sequence[str]) -> list[str]:
    """The domains that are told, the loudest first; pinned ones also where they are quieter than the others."""
    voiced = ((-one.seen[-1], -one.top_10, -one.keywords, domain) for domain, one in count.known.items() if one.keywords)
    found = [domain for *_, domain in heapq.nsmallest(LEADERS + 1, voiced) if domain != voices.OURS][:LEADERS]
    return [*found, *(domain for domain in pins if domain not in found)]


def _facts(
    project: models.Project, today: date, pins: Sequence[str], count: voices.Voices, leaders: Sequence[str]
) -> dict[str, Any]:
    now = count.days[-1]
    return {
        "project": project.id,
        "domain": project.domain,
        "at": clock.now().isoformat(),
        "day": today.isoformat(),
        "keywords": count.taken,
        "counted": now.keywords,
        "left_out": count.taken - now.keywords,
        "slack_days": count.slack_days,
        "sandbox": count.invented,
        "domains": sum(1 for domain, one in count.known.items() if one.keywords and domain != voices.OURS),
        "pins": list(pins),
        "ours": _standing(count, voices.OURS, pins) | {"domain": project.domain},
        "leaders": [_standing(count, domain, pins) for domain in leaders],
        "movers": {f"days_{since}": _movers(count, at) for since, at in zip(SINCE, (-2, -3, -4), strict=True)},
        "features": _features(count),
        "formula": voices.FORMULA,
        "weights": list(count.weights),
    }


def _standing(count: voices.Voices, domain: str, pins: Sequence[str]) -> dict[str, Any]:
    voice = count.of(domain)
    return {
        "domain": domain,
        "pinned": domain in pins,
        "share": count.share(domain),
        "visibility": count.visibility(domain),
        "changes": {f"days_{since}": _change(count, domain, at) for since, at in zip(SINCE, (-2, -3, -4), strict=True)},
        "keywords": voice.keywords,
        "top_3": voice.top_3,
        "top_10": voice.top_10,
        "above": voice.above,
        "below": voice.below,
    }


def _change(count: voices.Voices, domain: str, at: int) -> float | None:
    now, before = count.share(domain), count.share(domain, at)
    return None if now is None or before is None else round(now - before, 5)


def _movers(count: voices.Voices, at: int) -> dict[str, list[dict[str, Any]]]:
    """The domains that gained and lost most; none where one of the days is not known."""
    now, before = count.days[-1].seen, count.days[at].seen
    if not now or not before:
        return {"gained": [], "lost": []}
    moved = [(one.seen[-1] / now - one.seen[at] / before, domain) for domain, one in count.known.items()]
    gained, lost = heapq.nlargest(MOVERS, moved), heapq.nsmallest(MOVERS, moved)
    rows = {"gained": [one for one in gained if one[0] > 0], "lost": [one for one in lost if one[0] < 0]}
    return {kind: [_moved(*one, count, at) for one in some] for kind, some in rows.items()}


def _moved(change: float, domain: str, count: voices.Voices, at: int) -> dict[str, Any]:
    """`domain` None: the project itself."""
    shares = {"share": count.share(domain), "before": count.share(domain, at)}
    return {"domain": domain or None, "change": round(change, 5), **shares}


def _day(on: date, course: voice_courses.Course, at: int) -> dict[str, Any]:
    day = course.days[at]
    shares = {domain: day.share(seen) for domain, seen in course.seen[at].items()}
    return {"day": on.isoformat(), "keywords": day.keywords, "ours": shares.pop(voices.OURS), "shares": shares}


def _features(count: voices.Voices) -> list[dict[str, Any]]:
    """Result pages with each feature now, and a week before. `ours`: those that name us, of `known` with sources."""
    now, before = _named(count.days[-1].features), _named(count.days[-3].features)
    total, total_before = count.days[-1].keywords, count.days[-3].keywords
    return [
        {
            "feature": name,
            "keywords": number,
            "share": round(number / total, 4),
            "before": round(before[name] / total_before, 4) if total_before else None,
            "ours": count.cited if name == "ai_overview" and count.sourced else None,
            "known": count.sourced if name == "ai_overview" else 0,
        }
        for name, number in now.most_common()
        if name not in NO_FEATURES
    ]


def _named(pages: Counter[int]) -> Counter[str]:
    named = Counter[str]()
    for bits, number in pages.items():
        named.update(dict.fromkeys(serp_summaries.features_of(bits), number))
    return named
