"""Messages: what is told together, and what became of each at each target.

Fields of a delivery: status (pending, delivered, given_up), tries, says (what the target said last), made_ms, tried_ms, held (who
sends it now).
"""

import json
from dataclasses import dataclass
from typing import Any

import clock
from state.alerts import incidents, keys
from state.alerts.incidents import Event, Plan
from state.store import connection, scripts

PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given_up"


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. `kind`: news or digest. `digest`: what a digest says (JSON), {} for news. `left_out`: events not kept."""

    id: str
    kind: str
    at_ms: int
    events: tuple[Event, ...]
    digest: dict[str, Any]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message at a target. Times in ms; 0 = not yet."""

    message: str
    target: str
    status: str
    tries: int
    says: str
    made_ms: int
    tried_ms: int


def has_digest(day: str) -> bool:
    """Whether the digest of a day was made."""
    return bool(connection.client().exists(keys.digest(day)))


def make_digest(day: str, plan: Plan, body: dict[str, Any]) -> bool:
    """Make the digest of a day; False where it was made before."""
    told = _make_digest(
        made=keys.digest(day),
        due=keys.DUE,
        sent=keys.SENT,
        now_ms=clock.script_now_ms(),
        plan=plan.as_json(),
        body=json.dumps(body),
    )
    return bool(told)


@scripts.script("alerts/make_digest")
def _make_digest(*, made: str, due: str, sent: str, now_ms: str, plan: str, body: str) -> int:
    raise scripts.InLua


def latest(most: int = 50) -> list[Delivery]:
    """What became of the last messages, the newest first."""
    client = connection.client()
    names = [name.decode() for name in client.zrevrange(keys.SENT, 0, most - 1)]
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hgetall(keys.DELIVERY + name)
        found = pipe.execute()
    return [_delivery(name, fields) for name, fields in zip(names, found, strict=True) if fields]


def _delivery(name: str, fields: dict[bytes, bytes]) -> Delivery:
    told = {key.decode(): value.decode(errors="replace") for key, value in fields.items()}
    message_id, _, target = name.partition(" ")
    numbers = [int(told.get(key) or 0) for key in ("tries", "made_ms", "tried_ms")]
    return Delivery(message_id, target, told.get("status", ""), numbers[0], told.get("says", ""), *numbers[1:])


def message_of(text: bytes) -> Message:
    """A message as it is stored."""
    told = json.loads(text)
    digest = told["events"][0] if told["kind"] == "digest" else {}
    events = () if digest else tuple(filter(None, map(incidents.event_of, told["events"])))
    return Message(told["id"], told["kind"], round(told["at_ms"]), events, digest, round(told.get("left_out", 0)))
