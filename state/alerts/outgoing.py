"""Messages on their way: one is held while it is sent, and what came of the try is written."""

from typing import NamedTuple

import clock
from state.alerts import keys, messages
from state.alerts.messages import Message
from state.store import connection, scripts

#: Whoever takes a message must have settled it within so long (ms): else it is due again.
HOLD_MS = 180_000


class Taken(NamedTuple):
    """A message to send now. `token`: the right to settle it. `tries`: those before."""

    message: Message
    target: str
    token: str
    tries: int
    made_ms: int


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
    return Taken(messages.message_of(found[0]), target, token, int(found[1]), int(found[2])) if found else None


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
