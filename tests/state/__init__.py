"""What the tests of the stored state share: projects and keywords made in a line, and the audit that finds what was lost."""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from redis.exceptions import ResponseError

import clock
import models
import queues
from state.engine import dedup
from state.store import connection, constants, keys
from state.tracking import batches, keywords, outcomes, projects
from topics.tracking import claims

#: Where the frozen clock of most tests stands.
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(hours=24)

WORK = batches.Work("jobs.serp.track_keyword", 900)
NO_LIMIT = 10**9


def project(id: str = "p", **fields: Any) -> models.Project:
    """Add a project."""
    return projects.add(models.Project(**{"id": id, "domain": "example.com", "name": id, "folder": id, **fields}))


def words(project_id: str, count: int, start: int = 0) -> list[str]:
    """Add keywords; returns their ids."""
    texts = [f"word {number}" for number in range(start, start + count)]
    keywords.add_many(project_id, texts)
    return [keywords.id_of(project_id, text) for text in texts]


def tracked(count: int = 1, **fields: Any) -> list[str]:
    """Add the project `p` with keywords; returns their ids."""
    return words(project(**fields).id, count)


def ranked(number: int = 3, day: date = TODAY, **fields: Any) -> models.Rank:
    """A known rank."""
    return models.Rank(
        day,
        models.RankState.RANKED,
        **{"scanned": 10, "rank": number, "url": f"https://example.com/{number}", "title": "T", **fields},
    )


def everything() -> dict[bytes, tuple[object, int]]:
    """Every key of the store with its value and the end of its life.

    Sets and hashes as such, the rest as Redis would save it: reading a set of five members or more may move them in its table.
    """
    redis = connection.client()
    read = {b"set": redis.smembers, b"hash": redis.hgetall}
    return {key: (read.get(redis.type(key), redis.dump)(key), _ends_at(redis, key)) for key in redis.scan_iter()}


def _ends_at(redis: Any, key: bytes) -> int:
    """When the key's life ends (s); -1: never."""
    try:
        return int(redis.expiretime(key))
    except ResponseError:  # Redis before 7 has no such command
        return _now_and_left_s(redis, key)


def _now_and_left_s(redis: Any, key: bytes) -> int:
    while True:
        with redis.pipeline() as pipe:
            before, left_ms, after = pipe.time().pttl(key).time().execute()
        if left_ms < 0:
            return int(left_ms)
        if _ms(before) == _ms(after):  # all three in one millisecond: the sum is exact
            return (_ms(before) + int(left_ms) + 500) // 1000  # rounded as EXPIRETIME does


def _ms(told: tuple[int, int]) -> int:
    return told[0] * 1000 + told[1] // 1000


def scraped(keyword_id: str, ago: timedelta = DAY, rank: models.Rank | None = None) -> None:
    """Let the keyword have been scraped so long ago, by a frozen clock."""
    with clock.frozen(clock.now() - ago):
        outcome = outcomes.CheckOutcome("read", rank or ranked(day=clock.now().date()))
        outcomes.finish(keywords.get(keyword_id), None, DAY, outcome)


def tick(size: int = 500, max_depth: int = NO_LIMIT, allowance: batches.TickAllowance | None = None) -> batches.Batch:
    """One batch."""
    return batches.take(size, WORK, max_depth=max_depth, allowance=allowance)


def depth() -> int:
    """Jobs that wait in the queues a batch feeds."""
    return sum(int(connection.client().llen(keys.queue(name))) for name in (queues.HIGH, queues.DEFAULT))


def queued(*names: str) -> list[str]:
    """Keyword ids in these queues (default: all), in order."""
    redis = connection.client()
    ids = [raw.decode() for name in names or queues.QUEUES for raw in redis.lrange(keys.queue(name), 0, -1)]
    return [keyword_of(job_id) for job_id in ids if job_id.startswith("serp-")]


def keyword_of(job_id: str) -> str:
    """The keyword a batch's job is for."""
    return job_id.split("-")[1]


def job_of(keyword_id: str) -> str:
    """The job that holds a keyword's claim."""
    holder = connection.client().hget(keys.claim_jobs(dedup.SERP), keyword_id)
    assert holder, f"nobody holds {keyword_id}"
    return str(holder.decode())


def pop(*names: str) -> list[str]:
    """Take all waiting jobs out of the queues, as workers do; returns job ids."""
    redis, taken = connection.client(), []
    for name in names or queues.QUEUES:
        while raw := redis.lpop(keys.queue(name)):
            taken.append(raw.decode())
    return taken


def end(job_id: str, outcome: str = "read", **ending: Any) -> None:
    """End the check that a batch's job does, and the job."""
    keyword = keywords.find(keyword_of(job_id))
    if keyword:
        rank = ranked(day=clock.now().date()) if outcome == "read" else None
        outcomes.finish(keyword, job_id, DAY, outcomes.CheckOutcome(outcome, rank, **ending))
    connection.client().delete(keys.job(job_id))
    claims.free_orphans()


def work_off() -> int:
    """End every waiting check with a rank; says how many."""
    done = pop()
    redis = connection.client()
    for job_id in done:
        keyword = keywords.get(keyword_of(job_id))
        outcomes.finish(keyword, job_id, DAY, outcomes.CheckOutcome("read", ranked(day=clock.now().date())))
        redis.delete(keys.job(job_id))
    return len(done)


def due_in(project_id: str) -> dict[str, float]:
    """Keyword → when the tick looks at it: when it is due, or its hold runs out (s)."""
    scores = connection.client().zrange(keys.due(project_id), 0, -1, withscores=True)
    return {member.decode(): score if score >= 0 else score - constants.HELD for member, score in scores}


def audit(project_ids: Iterable[str] = ("p",)) -> None:
    """Everything that must hold between any two steps. Reads only."""
    redis = connection.client()
    claimed = {key.decode() for key in redis.hkeys(keys.claim_jobs(dedup.SERP))}
    assert claimed == {key.decode() for key in redis.zrange(keys.claims(dedup.SERP), 0, -1)}, "claims and their holders differ"
    twice = [keyword for keyword, times in Counter(queued()).items() if times > 1]
    assert not twice, f"queued twice at once: {twice}"
    assert set(queued()) <= claimed, "queued without a claim"
    for name in queues.QUEUES:
        for raw in redis.lrange(keys.queue(name), 0, -1):
            assert redis.exists(keys.job(raw.decode())), "queued without a job"
    ring = {key.decode(): score for key, score in redis.zrange(keys.RING, 0, -1, withscores=True)}
    waiting = {key.decode(): score for key, score in redis.zrange(keys.WAITING, 0, -1, withscores=True)}
    assert not set(ring) & set(waiting), "in the ring and waiting at once"
    known = set(projects.ids())
    assert set(ring) | set(waiting) <= known, "a removed project takes part"
    weights = {key.decode(): float(value) for key, value in redis.hgetall(keys.WEIGHTS).items()}
    uneven = {project.id: project.weight for project in projects.every() if project.weight != 1}
    assert weights == uneven, "the selection goes by other weights than the projects say"
    for project_id in project_ids:
        if project_id in known:
            _audit_project(project_id, ring, waiting)


def _audit_project(project_id: str, ring: dict[str, float], waiting: dict[str, float]) -> None:
    due = due_in(project_id)
    resting = set(keywords.ids_of(project_id, archived=True))
    assert not set(due) & resting, "archived and due at once"
    for keyword_id, keyword in zip([*due, *resting], keywords.find_many([*due, *resting]), strict=True):
        assert keyword and keyword.project_id == project_id, f"{keyword_id} is due and is not there"
        assert keyword.archived == (keyword_id in resting), f"{keyword_id} is archived in one place only"
    if not projects.get(project_id).active:
        assert project_id not in ring and project_id not in waiting, "an inactive project takes part"
    elif project_id not in ring:
        assert waiting.get(project_id) == (min(due.values()) if due else None), (
            "waiting for another time than the earliest due one"
        )


def take_in_three_steps(size: int, pause: Any = lambda: None) -> int:
    """What Trawl must not do: select, then claim, then enqueue, as commands of their own. For tests of the tests."""
    redis, taken = connection.client(), 0
    now = connection.now().timestamp()
    for project_id in projects.ids():
        for raw in redis.zrangebyscore(keys.due(project_id), "-inf", now, start=0, num=size - taken):
            keyword_id, job_id = raw.decode(), f"serp-{raw.decode()}-{uuid.uuid4().hex[:8]}"
            if redis.hexists(keys.claim_jobs(dedup.SERP), keyword_id):
                continue
            pause()
            redis.hset(keys.claim_jobs(dedup.SERP), keyword_id, job_id)
            redis.zadd(keys.claims(dedup.SERP), {keyword_id: now * 1000})
            redis.zadd(keys.due(project_id), {keyword_id: constants.HELD + now + batches.HOLD_S})
            redis.hset(keys.job(job_id), mapping={"status": "queued", "origin": "high", "data": "[]"})
            redis.rpush(keys.queue("high"), job_id)
            taken += 1
    return taken


def contents(store: Any) -> dict[bytes, Any]:
    """All that the store holds, in an order of its own: two of them are equal where nothing was changed."""
    read = {
        b"string": store.get,
        b"hash": store.hgetall,
        b"list": lambda key: store.lrange(key, 0, -1),
        b"set": store.smembers,
        b"zset": lambda key: store.zrange(key, 0, -1, withscores=True),
        b"stream": store.xrange,
    }
    return {key: read[store.type(key)](key) for key in store.keys("*")}
