"""Messages: what is told together, and what became of each at each target.

Fields of a delivery: status (pending, delivered, given_up), tries, says (what the target said last), made_ms, tried_ms, held (who
sends it now).
"""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

import clock
from state.alerts import incidents, keys
from state.alerts.incidents import Event, Plan
from state.store import connection, scripts

#: Whoever takes a message must have settled it within so long (ms): else it is due again.
HOLD_MS = 180_000

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


class Taken(NamedTuple):
    """A message to send now. `token`: the right to settle it. `tries`: those before."""

    message: Message
    target: str
    token: str
    tries: int
    made_ms: int


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


def due() -> list[str]:
    """Targets at which a message is due."""
    now_ms = round(connection.now().timestamp() * 1000)
    names = connection.client().zrange(keys.DUE, "-inf", now_ms, byscore=True)
    return sorted({name.decode().partition(" ")[2] for name in names})


def waiting(target: str) -> list[str]:
    """All messages that a target has not taken, also those that are tried later, in the order in which they were made."""
    client = connection.client()
    names = [name for name in client.zrange(keys.DUE, 0, -1) if name.decode().partition(" ")[2] == target]
    made = client.zmscore(keys.SENT, names) if names else []
    return [name.decode().partition(" ")[0] for _, name in sorted(zip([at or 0.0 for at in made], names, strict=True))]


def take(message_id: str, target: str, token: str) -> Taken | None:
    """Hold a message that a target has not taken; None where another holds it."""
    found = _take(
        due=keys.DUE,
        delivery=keys.delivery(message_id, target),
        message=keys.message(message_id),
        now_ms=clock.script_now_ms(),
        name=f"{message_id} {target}",
        token=token,
        hold_ms=HOLD_MS,
    )
    return Taken(_message(found[0]), target, token, int(found[1]), int(found[2])) if found else None


@scripts.script("alerts/take")
def _take(*, due: str, delivery: str, message: str, now_ms: str, name: str, token: str, hold_ms: int) -> list[bytes]:
    raise scripts.InLua


def settle(taken: Taken, status: str, says: str, wait_s: float = 0) -> bool:
    """Write what came of a try; False where somebody else has the message by now."""
    return bool(
        _settle(
            due=keys.DUE,
            delivery=keys.delivery(taken.message.id, taken.target),
            now_ms=clock.script_now_ms(),
            name=f"{taken.message.id} {taken.target}",
            token=taken.token,
            status=status,
            wait_ms=round(wait_s * 1000),
            says=says,
        )
    )


@scripts.script("alerts/settle")
def _settle(*, due: str, delivery: str, now_ms: str, name: str, token: str, status: str, wait_ms: int, says: str) -> int:
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


def _message(text: bytes) -> Message:
    told = json.loads(text)
    digest = told["events"][0] if told["kind"] == "digest" else {}
    events = () if digest else tuple(filter(None, map(incidents.event_of, told["events"])))
    return Message(told["id"], told["kind"], round(told["at_ms"]), events, digest, round(told.get("left_out", 0)))
