"""Endpoints: who is told of what. Standing ones are told of all jobs; others came with one submission and expire.

Fields of the hash: url, name, style, events, kinds, secret, headers and metadata (JSON), owner, target (the submission), off (why
it is told nothing), and what the scripts count: delivered, given_up, dropped, failures (in a row), and times in ms.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from state.store import connection
from state.webhooks import keys


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint. `target` "" = a standing one. `secret`, `headers` and `url` are nobody's to see: topics/webhooks/views.py."""

    id: str
    url: str = field(repr=False)
    name: str = ""
    style: str = "trawl"
    events: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    metadata: dict[str, Any] = field(default_factory=dict)
    owner: str = ""
    target: str = ""
    off: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """A counter, or a time (ms); 0 where there is none."""
        return self.counts.get(name, 0)


TEXTS = ("url", "name", "style", "secret", "owner", "target", "off")
LISTS = ("events", "kinds")
OBJECTS = ("headers", "metadata")
COUNTS = (
    *("delivered", "given_up", "dropped", "failures", "failing_since_ms", "cool_until_ms", "off_ms", "last_ok_ms"),
    *("last_try_ms", "created_ms"),
)


def put(endpoint: Endpoint, created_ms: int, keep_s: int) -> None:
    """Store a new endpoint. One with a target expires after `keep_s`."""
    fields: dict[str, Any] = {name: getattr(endpoint, name) for name in TEXTS}
    fields |= {name: ",".join(getattr(endpoint, name)) for name in LISTS}
    fields |= {name: json.dumps(getattr(endpoint, name)) for name in OBJECTS}
    with connection.client().pipeline() as pipe:
        pipe.hset(keys.endpoint(endpoint.id), mapping={**fields, "created_ms": created_ms})
        if endpoint.target:
            pipe.expire(keys.endpoint(endpoint.id), keep_s)
            pipe.sadd(keys.of(endpoint.target), endpoint.id)
            pipe.expire(keys.of(endpoint.target), keep_s)
        else:
            pipe.sadd(keys.ENDPOINTS, endpoint.id)
        pipe.execute()


def find(endpoint_id: str) -> Endpoint | None:
    """The endpoint of that id; None where there is none."""
    return find_many([endpoint_id])[0]


def find_many(endpoint_ids: Sequence[str]) -> list[Endpoint | None]:
    """Endpoints by their ids, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for endpoint_id in endpoint_ids:
            pipe.hgetall(keys.endpoint(endpoint_id))
        found = pipe.execute()
    return [read(endpoint_id, fields) for endpoint_id, fields in zip(endpoint_ids, found, strict=True)]


def standing() -> list[Endpoint]:
    """All standing endpoints, the oldest first."""
    ids = [found.decode() for found in connection.client().smembers(keys.ENDPOINTS)]
    return sorted(filter(None, find_many(ids)), key=lambda one: (one.number("created_ms"), one.id)) if ids else []


def of_targets(job_ids: Sequence[str]) -> list[list[Endpoint]]:
    """The endpoints that came with each of these submissions."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.smembers(keys.of(job_id))
        found = [sorted(one.decode() for one in ids) for ids in pipe.execute()]
    known = {one.id: one for one in find_many([one for ids in found for one in ids]) if one} if any(found) else {}
    return [[known[one] for one in ids if one in known] for ids in found]


def remove(endpoint_id: str) -> bool:
    """Forget an endpoint and what it was still to be told; False where there is none."""
    client = connection.client()
    parts = [keys.endpoint(endpoint_id, part) for part in ("due", "log", "roused", "timer")]
    with client.pipeline() as pipe:
        pipe.delete(keys.endpoint(endpoint_id))
        pipe.srem(keys.ENDPOINTS, endpoint_id)
        pipe.zrem(keys.PENDING, endpoint_id)
        pipe.unlink(*parts)
        return bool(pipe.execute()[0])


def write(endpoint_id: str, **fields: str | int) -> None:
    """Change fields of an endpoint that is there."""
    if connection.client().exists(keys.endpoint(endpoint_id)):
        connection.client().hset(keys.endpoint(endpoint_id), mapping=dict(fields))


def secret_of(owner: str) -> str:
    """The secret that signs what comes of an owner's submissions; "" = there is none."""
    return (connection.client().hget(keys.SECRETS, owner) or b"").decode()


def set_secret(owner: str, secret: str) -> None:
    """Another secret for what comes of an owner's submissions from now on."""
    connection.client().hset(keys.SECRETS, owner, secret)


def read(endpoint_id: str, found: dict[bytes, bytes]) -> Endpoint | None:
    """An endpoint by its hash; None where that is empty."""
    if not found.get(b"url"):
        return None
    fields = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    values: dict[str, Any] = {name: fields.get(name, "") for name in TEXTS}
    values |= {name: tuple(filter(None, fields.get(name, "").split(","))) for name in LISTS}
    values |= {name: _object(fields.get(name, "")) for name in OBJECTS}
    return Endpoint(endpoint_id, **values, counts={name: int(fields[name]) for name in COUNTS if fields.get(name, "").isdigit()})


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
