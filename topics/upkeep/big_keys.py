"""The largest keys, and what kinds of keys take the memory: our own by name, and a walk of bounded length over the rest.

A store with more keys than one walk looks at is walked on from there the next time. Figures of kinds of keys are estimated from
what the walk saw.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import queues
import wording
from state.store import key_sizes, keys, permanent
from topics.upkeep import reports
from topics.upkeep.reports import Draft

#: Keys that one walk looks at; keys and kinds of keys that are named; a key is large from so many bytes on.
MOST_SEEN, MOST_NAMED, LARGE = 100_000, 10, 10 << 20


def tell(draft: Draft, kind: str) -> None:
    """Write which keys are the largest, and which kinds of keys take the most."""
    cursor, seen, ended = _cursor(reports.last(kind)), 0, False
    sizes: dict[str, int] = {}
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    try:
        sizes |= key_sizes.of(sorted(named()))
        for after, page in key_sizes.walk(cursor, MOST_SEEN):
            cursor, seen, ended = after, seen + len(page), not after
            sizes = _largest({**sizes, **page})
            for name, size in page.items():
                entry = kinds[shape(name)]
                entry[0], entry[1] = entry[0] + 1, entry[1] + size
        total = key_sizes.count()
    except key_sizes.NotTold as exc:
        draft.refuse(str(exc))
        return
    largest, forever = _largest(sizes), key_sizes.live_for_ever(list(_largest(sizes)))
    found = [{"key": name, "bytes": size, "expires": name not in forever} for name, size in largest.items()]
    draft.facts["keys"] = {"count": total, "seen": seen, "cursor": 0 if ended else cursor, "largest": found}
    draft.facts["keys"]["kinds"] = _kinds(kinds, total / seen if seen and total > seen else 1.0)
    _say(draft, draft.facts["keys"])


def named() -> set[str]:
    """Keys of ours that hold many jobs, keywords or changes: they are looked at every time."""
    ours = {name for name in permanent.PATTERNS if not set("*?[") & set(name)}
    registries = (keys.RQ_FINISHED, keys.RQ_FAILED, keys.RQ_CANCELED, keys.RQ_SCHEDULED, keys.RQ_STARTED)
    return ours | {prefix + name for prefix in (keys.RQ_QUEUE, *registries) for name in queues.QUEUES}


def shape(name: str) -> str:
    """The kind of a key: its name without what tells it from others of the kind.

    >>> shape("rq:job:abc"), shape("trawl:keyword:17:ranks"), shape("trawl:events"), shape("theirs")
    ('rq:job:*', 'trawl:keyword:*:ranks', 'trawl:events', '*')
    """
    parts = name.split(":")
    if len(parts) == 1 or parts[0] not in ("rq", "trawl"):
        return "*"
    tail = f":{parts[-1]}" if len(parts) > 3 and parts[-1].isalpha() and len(parts[-1]) < 12 else ""
    return ":".join(parts[:2]) + (f":*{tail}" if len(parts) > 2 else "")


def _largest(sizes: dict[str, int]) -> dict[str, int]:
    return dict(sorted(sizes.items(), key=lambda pair: -pair[1])[:MOST_NAMED])


def _kinds(found: dict[str, list[int]], factor: float) -> list[dict[str, Any]]:
    rows: Iterable[tuple[str, list[int]]] = sorted(found.items(), key=lambda pair: -pair[1][1])[:MOST_NAMED]
    return [{"keys": name, "count": round(number * factor), "bytes": round(size * factor)} for name, (number, size) in rows]


def _say(draft: Draft, facts: dict[str, Any]) -> None:
    walked = f"{facts['seen']:,} of {wording.pluralize(facts['count'], 'key')} were measured"
    draft.say(f"{walked}{'; the next time goes on from there.' if facts['cursor'] else '.'}")
    for one in facts["largest"]:
        if one["bytes"] >= LARGE:
            draft.say(f"Large: {one['key']} takes {wording.size(one['bytes'])}{_lives(one)}.")
    about = "about " if facts["seen"] < facts["count"] else ""
    for one in facts["kinds"][:5]:
        draft.say(f"{one['keys']}: {about}{wording.pluralize(one['count'], 'key')}, {wording.size(one['bytes'])}.")


def _lives(one: dict[str, Any]) -> str:
    """What somebody else left behind is told from what we keep."""
    ours = one["key"].startswith((keys.PREFIX, keys.RQ))
    return "" if one["expires"] or ours else ", never expires and is none of ours"


def _cursor(report: reports.Report | None) -> int:
    told = report.facts.get("keys") if report else None
    cursor = told.get("cursor") if isinstance(told, dict) else None
    return cursor if isinstance(cursor, int) and cursor >= 0 else 0
