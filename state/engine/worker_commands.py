"""What a worker process is asked to do: RQ's commands, which every worker hears on a channel of its own."""

import json

from state.store import connection, keys


def ask_to_stop(worker: str) -> bool:
    """Send RQ's command `shutdown` to a worker; whether one of that name lives. Whoever is away misses it. Safe to repeat."""
    client = connection.client()
    if not client.hexists(keys.RQ_WORKER + worker, "birth"):
        return False
    client.publish(keys.RQ_PUBSUB + worker, json.dumps({"command": "shutdown"}))
    return True
