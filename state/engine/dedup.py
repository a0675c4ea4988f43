"""Dedup claims: "this is being worked on", with its owner and since when. Redis sets in place of a database flag.

A claim is named `namespace:member`, e.g. `serp:4k2j…` for a keyword; its owner is the id of the job that does the work, or
`direct-…` for a call outside a job. It ends with its owner: freed on success, failure and cancel alike; `orphans` finds
it after a crash. A direct call renews its claim while it lives (`kept`), so that a killed one holds nothing for long.
"""

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import clock
from errors import ArgumentError, TrawlError
from state.store import connection, keys, score_pages, scripts
from state.store.constants import DIRECT

SERP = "serp"

#: Seconds between two renewals: three may be missed.
RENEWED_EVERY_S = 15.0


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim that is held."""

    member: str
    job_id: str
    since: datetime


def split(dedup_key: str) -> tuple[str, str]:
    """Namespace and member of a dedup key; a key without a namespace is a member of `jobs`.

    >>> split("serp:abc"), split("abc")
    (('serp', 'abc'), ('jobs', 'abc'))
    """
    namespace, colon, member = dedup_key.partition(":")
    return (namespace, member) if colon and namespace and member else ("jobs", dedup_key)


def direct_owner() -> str:
    """An owner for a call outside a job; it keeps a claim for a minute, or while it is inside `kept`."""
    return f"{DIRECT}{uuid.uuid4().hex[:12]}"


def is_direct(owner: str) -> bool:
    """Whether an owner is a call outside a job."""
    return owner.startswith(DIRECT)


def take(namespace: str, member: str, owner: str) -> str | None:
    """Take a claim for `owner`. None = it is the owner's now; else who holds it. Safe to repeat."""
    holder = _claim(
        claims=keys.claims(namespace),
        holders=keys.claim_jobs(namespace),
        namespaces=keys.CLAIM_NAMESPACES,
        now_ms=clock.script_now_ms(),
        namespace=namespace,
        member=member,
        owner=owner,
        jobs=keys.RQ_JOB,
    )
    return holder.decode() or None


@scripts.script("engine/claim")
def _claim(
    *, claims: str, holders: str, namespaces: str, now_ms: str, namespace: str, member: str, owner: str, jobs: str
) -> bytes:
    raise scripts.InLua


def release(namespace: str, member: str, owner: str) -> bool:
    """Free a claim if `owner` holds it; says whether it did."""
    return bool(_release(claims=keys.claims(namespace), holders=keys.claim_jobs(namespace), member=member, owner=owner))


@scripts.script("engine/release")
def _release(*, claims: str, holders: str, member: str, owner: str) -> int:
    raise scripts.InLua


def renew(namespace: str, member: str, owner: str) -> bool:
    """Renew the claim of a direct call; says whether it still holds it."""
    claims, holders = keys.claims(namespace), keys.claim_jobs(namespace)
    return bool(_renew_claim(claims=claims, holders=holders, now_ms=clock.script_now_ms(), member=member, owner=owner))


@scripts.script("engine/renew_claim")
def _renew_claim(*, claims: str, holders: str, now_ms: str, member: str, owner: str) -> int:
    raise scripts.InLua


@contextmanager
def kept(namespace: str, member: str, owner: str) -> Iterator[None]:
    """Inside the block the claim of a direct call is renewed; a job's claim needs no renewal, because its job is looked at."""
    if not is_direct(owner):
        yield
        return
    over = threading.Event()

    def keep() -> None:
        held = True
        while held and not over.wait(RENEWED_EVERY_S):
            with suppress(TrawlError), connection.errors_translated():
                held = renew(namespace, member, owner)

    keeper = threading.Thread(target=keep, name=f"claim-{member}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def held(namespace: str = SERP, older_than_s: float = 0) -> Iterator[Claim]:
    """Claims that are held, oldest first; only those older than `older_than_s`."""
    latest = connection.now().timestamp() * 1000 - older_than_s * 1000
    rows = connection.client().zrangebyscore(keys.claims(namespace), "-inf", latest, withscores=True)
    if not rows:
        return
    jobs = connection.client().hmget(keys.claim_jobs(namespace), [member for member, _ in rows])
    for (member, since_ms), job in zip(rows, jobs, strict=True):
        yield Claim(member.decode(), (job or b"").decode(), datetime.fromtimestamp(since_ms / 1000, UTC))


class Page(NamedTuple):
    """Some claims, oldest first. `cursor` leads to the next ones; '' = there are none."""

    claims: list[Claim]
    cursor: str


def page(namespace: str, limit: int, cursor: str = "", older_than_s: float = 0) -> Page:
    """Claims that are held for at least so long, oldest first. Raises ArgumentError for a bad cursor. Reads only."""
    if not score_pages.is_cursor(cursor):
        raise ArgumentError(f"--cursor {cursor!r:.60} is none of this list: give the one of its last reply")
    latest = (connection.now().timestamp() - older_than_s) * 1000
    found = score_pages.read(keys.claims(namespace), limit, cursor, most=latest)
    members = [member for member, _ in found.rows]
    jobs = connection.client().hmget(keys.claim_jobs(namespace), members) if members else []
    return Page(
        [
            Claim(member, (job or b"").decode(), datetime.fromtimestamp(since_ms / 1000, UTC))
            for (member, since_ms), job in zip(found.rows, jobs, strict=True)
        ],
        found.cursor,
    )


def held_by(namespace: str, member: str) -> Claim | None:
    """The claim on one member, None where nobody holds it."""
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.zscore(keys.claims(namespace), member)
        pipe.hget(keys.claim_jobs(namespace), member)
        since_ms, job = pipe.execute()
    return None if since_ms is None else Claim(member, (job or b"").decode(), datetime.fromtimestamp(since_ms / 1000, UTC))


def holder_of(namespace: str, member: str) -> str | None:
    """The job, or the call outside a job, that holds a claim, whether it still lives or not; None = nobody does."""
    raw = connection.client().hget(keys.claim_jobs(namespace), member)
    return raw.decode() if raw else None


def count(namespace: str = SERP) -> int:
    """How many claims are held."""
    return int(connection.client().zcard(keys.claims(namespace)))


def namespaces() -> list[str]:
    """Every namespace that ever had a claim."""
    return sorted(name.decode() for name in connection.client().smembers(keys.CLAIM_NAMESPACES))


def members(namespace: str) -> Iterator[str]:
    """Everything that is claimed, also where a claim lost one of its halves; a member may come twice."""
    redis = connection.client()
    for member, _ in redis.hscan_iter(keys.claim_jobs(namespace), count=1000):
        yield member.decode(errors="replace")
    for member, _ in redis.zscan_iter(keys.claims(namespace), count=1000):
        yield member.decode(errors="replace")


def take_over(namespace: str, among: Sequence[str], owner: str = "") -> list[str]:
    """Members whose claim nobody alive holds; with an `owner` their claims are its own from then on, for it to release."""
    found = _take_over_claims(
        claims=keys.claims(namespace),
        holders=keys.claim_jobs(namespace),
        now_ms=clock.script_now_ms(),
        owner=owner,
        jobs=keys.RQ_JOB,
        members=among,
    )
    return [member.decode() for member in found]


@scripts.script("engine/take_over_claims")
def _take_over_claims(*, claims: str, holders: str, now_ms: str, owner: str, jobs: str, members: Sequence[str]) -> list[bytes]:
    raise scripts.InLua


def orphans(namespace: str) -> list[Claim]:
    """Claims whose job is gone or over: each is to be released, for its owner. Cost grows with the work in flight."""
    found = _orphaned_claims(
        claims=keys.claims(namespace), holders=keys.claim_jobs(namespace), now_ms=clock.script_now_ms(), jobs=keys.RQ_JOB
    )
    words = [word.decode() for word in found]
    rows = zip(words[0::3], words[1::3], words[2::3], strict=True)
    return [Claim(member, job_id, datetime.fromtimestamp(float(since_ms) / 1000, UTC)) for member, job_id, since_ms in rows]


@scripts.script("engine/orphaned_claims")
def _orphaned_claims(*, claims: str, holders: str, now_ms: str, jobs: str) -> list[bytes]:
    raise scripts.InLua
