"""Companies by owner: each is kept once, known by its domain, or by its name and a phone. What is found out is merged."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import chunks
import clock
from lead_models import Company, Fact, Score
from state.leads import keys, records, rescoring
from state.store import connection, scripts

#: Updates of one script, so that it blocks Redis for a millisecond or two; scores of one; companies of one round trip.
PUT_AT_ONCE, SCORE_AT_ONCE, READ_AT_ONCE = 25, 200, 500


@dataclass(frozen=True, slots=True)
class Update:
    """What was found out about a company.

    `domain`: the registrable domain of its site, "" where it has none of its own. `name_key`, `phone_keys`: as they are compared.
    `id`: a company that it is about in any case; where none has that id, a new one gets it. `created_ms`: of a new one, 0 = now.
    """

    owner: str
    site: str
    domain: str
    name: str
    name_key: str
    phone_keys: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    id: str = ""
    created_ms: int = 0


class Put(NamedTuple):
    """The company that has it, whether it is new, and the fields whose facts have another value now."""

    id: str
    was_new: bool
    changed: tuple[str, ...]


class Past(NamedTuple):
    """A score as the history keeps it."""

    at_ms: int
    total: float
    model: str


def put(updates: Sequence[Update]) -> list[Put]:
    """Merge what was found out, in order; one reply for each. Safe to repeat.

    The company of the same owner with the same domain gets it, or the one with the same name key and one of the phones. A newer
    fact replaces an older one, which joins the former facts; an equal value only gets the later time. A typed fact is replaced by
    typed ones only. Companies that an update shows to be the same become one. Raises ArgumentError for an update that names none.
    """
    ways: dict[str, list[int]] = {}
    for number, update in enumerate(updates):
        ways.setdefault(update.owner, []).append(number)
    pieces = [(owner, piece) for owner, numbers in ways.items() for piece in chunks.of(numbers, PUT_AT_ONCE)]
    calls = [_put_call(owner, [updates[number] for number in piece]) for owner, piece in pieces]
    found: dict[int, Put] = {}
    for (_, piece), reply in zip(pieces, scripts.run_together(calls), strict=True):
        for number, (company_id, is_new, changed) in zip(piece, reply, strict=True):
            names = changed.decode() if isinstance(changed, bytes) else changed
            found[number] = Put(company_id.decode(), bool(int(is_new)), tuple(names.split(",")) if names else ())
    rescoring.mark({one.id for number, one in found.items() if one.was_new or one.changed or updates[number].tags})
    return [found[number] for number in range(len(updates))]


def get(ids: Sequence[str], owner: str | None) -> list[Company | None]:
    """Companies in the order of the ids; None for one that is not there, or another owner's. `owner` None = whoever's."""
    found: list[Company | None] = []
    for piece in chunks.of(ids, READ_AT_ONCE):
        found += [one if one and owner in (None, one.owner) else None for one in _read(piece)]
    return found


def by_domain(owner: str, domains: Sequence[str]) -> list[str | None]:
    """The ids of an owner's companies by their domains, also by former ones."""
    if not domains:
        return []
    found = connection.client().hmget(keys.index(owner), [f"d:{one}" for one in domains])
    return [one.decode() if one else None for one in found]


def successor(company_id: str) -> str:
    """The company that a company became a part of, because both were one; "" where there is none."""
    found = connection.client().get(keys.joined(company_id))
    return found.decode() if found else ""


def some(owner: str | None, after: str, limit: int) -> tuple[list[Company], str]:
    """Companies by id from the cursor on ("" = the first), and the next cursor, "" = there are no more. Two round trips."""
    least = f"({after}" if after else "-"
    raw = connection.client().zrangebylex(keys.ids(owner), least, "+", start=0, num=limit + 1)
    ids = [one.decode() for one in raw]
    return [one for one in get(ids[:limit], None) if one], ids[limit - 1] if len(ids) > limit else ""


def walk(owner: str | None, chunk: int = READ_AT_ONCE) -> Iterator[list[Company]]:
    """All companies, in order of id, `chunk` at a time."""
    found, after = some(owner, "", chunk)
    yield found
    while after:
        found, after = some(owner, after, chunk)
        yield found


def count(owner: str | None) -> int:
    """How many companies there are."""
    return int(connection.client().zcard(keys.ids(owner)))


def former(company_id: str) -> list[tuple[str, Fact]]:
    """Facts that others replaced, 50 at most, the last one first: field and fact."""
    raw = connection.client().lrange(keys.former(company_id), 0, -1)
    pairs = [one.decode(errors="replace").split("\n", 1) for one in raw]
    return [(name, records.fact(text)) for name, text in pairs]


def remove(company_id: str) -> bool:
    """Remove a company and all that is kept of it; False where there is none."""
    owner = connection.client().hget(keys.lead(company_id), "owner")
    if owner is None:
        return False
    whose = owner.decode()
    lists = [keys.ids(None), keys.ids(whose), keys.scores(None), keys.scores(whose)]
    return bool(_remove(index=keys.index(whose), lists=lists, prefix=keys.LEAD, id=company_id))


def tag(ids: Iterable[str], add: Sequence[str] = (), take: Sequence[str] = ()) -> int:
    """Give companies tags, and take others from them; how many were changed."""
    now_ms = _now_ms()
    listed, removed, added = list(ids), "\n".join(take), "\n".join(add)
    calls = [_tag.call(lead=keys.lead(one), now_ms=now_ms, removed=removed, added=added) for one in listed]
    replies = [int(reply) for piece in chunks.of(calls, READ_AT_ONCE) for reply in scripts.run_together(piece)]
    rescoring.mark([one for one, is_other in zip(listed, replies, strict=True) if is_other])
    return sum(replies)


def put_scores(found: Sequence[tuple[str, Score]]) -> int:
    """Write scores by company; how many of the companies were there. Safe to repeat."""
    calls = [
        _put_scores.call(
            scores=keys.scores(None),
            prefix=keys.LEAD,
            own_prefix=keys.scores(""),
            entries=[part for company_id, score in piece for part in _entry(company_id, score)],
        )
        for piece in chunks.of(found, SCORE_AT_ONCE)
    ]
    return sum(int(reply) for reply in scripts.run_together(calls))


def score_history(company_id: str) -> list[Past]:
    """The scores of a company, 400 at most, the first one first."""
    raw = connection.client().lrange(keys.history(company_id), 0, -1)
    lines = [one.decode().split(" ", 2) for one in raw]
    return [Past(int(at_ms), float(total), model) for at_ms, total, model in lines]


def top(owner: str | None, limit: int) -> list[str]:
    """The ids of the companies with the highest scores, the highest first."""
    return [one.decode() for one in connection.client().zrevrange(keys.scores(owner), 0, limit - 1)] if limit > 0 else []


def made_id(owner: str, members: Sequence[str]) -> str:
    """The id of a new company: the same for the same owner and what names it first."""
    return "co_" + hashlib.sha256("\n".join((owner, *members[:1])).encode()).hexdigest()[:16]


def _put_call(owner: str, updates: Sequence[Update]) -> scripts.Call:
    return _put.call(
        told=keys.put(uuid.uuid4().hex),
        index=keys.index(owner),
        ids=keys.ids(None),
        own=keys.ids(owner),
        scores=keys.scores(None),
        own_scores=keys.scores(owner),
        prefix=keys.LEAD,
        owner=owner,
        now_ms=_now_ms(),
        updates=[_update_text(one) for one in updates],
    )


def _update_text(update: Update) -> bytes:
    members = keys.members(update.domain, update.name_key, update.phone_keys)
    told = {
        **{name: getattr(update, name) for name in ("id", "created_ms", "site", "domain", "name", "tags")},
        "made": made_id(update.owner, members or [update.id]),
        "members": members,
        "facts": [(name, records.fact_text(fact)) for name, fact in update.facts.items()],
    }
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")


def _entry(company_id: str, score: Score) -> tuple[str, str, str, str]:
    total = f"{score.total:g}"
    return company_id, total, f"{score.at_ms} {total} {score.model}", records.score_text(score)


def _read(ids: Sequence[str]) -> list[Company | None]:
    with connection.client().pipeline(transaction=False) as pipe:
        for one in ids:
            pipe.hgetall(keys.lead(one))
        return [records.company(one, found) if found else None for one, found in zip(ids, pipe.execute(), strict=True)]


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)


@scripts.script("leads/put")
def _put(
    *,
    told: str,
    index: str,
    ids: str,
    own: str,
    scores: str,
    own_scores: str,
    prefix: str,
    owner: str,
    now_ms: int,
    updates: Sequence[scripts.Argument],
) -> list[Any]:
    raise scripts.InLua


@scripts.script("leads/remove")
def _remove(*, index: str, lists: Sequence[str], prefix: str, id: str) -> int:
    raise scripts.InLua


@scripts.script("leads/tag")
def _tag(*, lead: str, now_ms: int, removed: str, added: str) -> int:
    raise scripts.InLua


@scripts.script("leads/put_scores")
def _put_scores(*, scores: str, prefix: str, own_prefix: str, entries: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua
