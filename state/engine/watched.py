"""Keys of events, counts and history whose type somebody changed. The scripts go on without them, so somebody must say so."""

import clock
from state.engine import hourly
from state.engine import keys as own_keys
from state.store import connection, keys


def broken() -> list[tuple[str, str]]:
    """Each such key, and the type it should have. Reads only."""
    hour = int(clock.now().timestamp()) // hourly.HOUR_S
    expected = {keys.EVENTS: "stream", keys.HISTORY: "stream", keys.hour(hour): "hash", keys.hour(hour - 1): "hash"}
    expected |= {own_keys.OUTBOX: "stream", own_keys.WANTED: "hash"}
    with connection.client().pipeline(transaction=False) as pipe:
        for key in expected:
            pipe.type(key)
        found = [kind.decode() for kind in pipe.execute()]
    return [(key, kind) for (key, kind), is_now in zip(expected.items(), found, strict=True) if is_now not in (kind, "none")]
