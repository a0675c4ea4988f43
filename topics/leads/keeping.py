"""Facts of companies into the store: in one spelling, merged, bounded."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import clock
import errors
import queues
from lead_models import Fact
from state.leads import companies
from state.leads.companies import Put, Update
from state.store import connection
from topics.leads import fields, identity, normal

#: JSON characters of one value, tags of one company, characters of one tag.
MOST_CHARS, MOST_TAGS, MOST_TAG_CHARS = 10_000, 50, 60

TYPED = "typed"


def put(found: Sequence[Mapping[str, Fact]], tags: Sequence[str] = (), owner: str | None = None) -> list[Put]:
    """Merge facts of companies, one mapping each. `owner` None = whoever runs this. Raises ArgumentError as `update` does."""
    whose, checked = queues.current_owner() if owner is None else owner, tags_of(tags)
    updates = [update(whose, facts, checked) for facts in found]
    with connection.errors_translated():
        return companies.put(updates)


def update(owner: str, facts: Mapping[str, Fact], tags: Sequence[str] = (), id: str = "") -> Update:
    """What is put, in one spelling. Raises ArgumentError for a company that nothing names, and for a value too large."""
    even, _ = normal.facts(facts)
    for name, fact in even.items():
        if len(json.dumps(fact.value)) > MOST_CHARS:
            raise errors.ArgumentError(f"{name} has more than {MOST_CHARS:,} characters: shorten it.")
    made = identity.update(owner, even, tags, id)
    if not (made.domain or made.name_key or id):
        raise errors.ArgumentError("A company needs a site of its own, or a name: give one of them.")
    return made


def typed(values: Mapping[str, Any], source: str = TYPED, at_ms: int = 0) -> dict[str, Fact]:
    """Facts that a person typed, or a file has. Raises ArgumentError for a field that there is not."""
    unknown = [name for name in values if name not in fields.ALL]
    if unknown:
        raise errors.ArgumentError(f"{unknown[0]!r:.60} is no field of a company: there are {', '.join(fields.ALL)}.")
    now_ms = at_ms or round(clock.now().timestamp() * 1000)
    return {name: Fact(value=value, source=source, at_ms=now_ms) for name, value in values.items() if value not in ("", [], None)}


def tags_of(tags: Sequence[str]) -> list[str]:
    """Tags, each once, without double blanks. Raises ArgumentError for too many, and too long ones."""
    found = list(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    if len(found) > MOST_TAGS:
        raise errors.ArgumentError(f"A company has {MOST_TAGS} tags at most, not {len(found)}.")
    for tag in found:
        if len(tag) > MOST_TAG_CHARS or not tag.isprintable():
            raise errors.ArgumentError(f"{tag!r:.80} is no tag: write up to {MOST_TAG_CHARS} characters on one line.")
    return found
