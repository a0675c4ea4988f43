"""Networks: sites whose forms are looked for. Their numbers count from 1 and are never given twice.

Fields of the hash: name, url, login_url, credentials (encrypted), owner, max_pages, max_depth, render, created_ms, and last: what
the last discovery found (JSON).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from state.forms import keys
from state.store import connection

TEXTS = ("name", "url", "login_url", "credentials", "owner")
NUMBERS = ("max_pages", "max_depth", "render", "created_ms")


@dataclass(frozen=True, slots=True)
class Network:
    """A network. `credentials` are encrypted and nobody's to see; "" = it needs none. `last`: {} before the first discovery."""

    id: int
    name: str = ""
    url: str = ""
    login_url: str = ""
    credentials: str = field(default="", repr=False)
    owner: str = ""
    max_pages: int = 100
    max_depth: int = 5
    render: int = 0  # 1 = its pages are read after their scripts ran
    created_ms: int = 0
    last: dict[str, Any] = field(default_factory=dict)


def next_number(name: str) -> int:
    """A number that was never given: of a network, a page or a session."""
    return int(connection.client().hincrby(keys.COUNTERS, name, 1))


def count_from(name: str, number: int) -> None:
    """Give no number up to this one any more. Safe to repeat."""

    def raise_(pipe: Any) -> None:
        last = int(pipe.hget(keys.COUNTERS, name) or 0)
        pipe.multi()
        if last < number:
            pipe.hset(keys.COUNTERS, name, number)

    connection.client().transaction(raise_, keys.COUNTERS)


def put_whole(network: Network) -> None:
    """Store a network whole, with what was found, and give its number to no other."""
    put(network)
    if network.last:
        write(network.id, last=json.dumps(network.last, ensure_ascii=True))
    count_from("network", network.id)


def put(network: Network) -> None:
    """Store a network whole, all but what was found."""
    fields: dict[str, str | int] = {name: getattr(network, name) for name in (*TEXTS, *NUMBERS)}
    with connection.client().pipeline() as pipe:
        pipe.hset(keys.network(network.id), mapping=dict(fields))
        pipe.sadd(keys.NETWORKS, network.id)
        pipe.execute()


def write(number: int, **fields: str | int) -> None:
    """Change fields of a network that is there; of one that is gone nothing comes back."""

    def change(pipe: Any) -> None:
        there = pipe.exists(keys.network(number))
        pipe.multi()
        if there:
            pipe.hset(keys.network(number), mapping=dict(fields))

    connection.client().transaction(change, keys.network(number))


def find(number: int) -> Network | None:
    """The network of that number; None where there is none."""
    return find_many([number])[0]


def find_many(numbers: Sequence[int]) -> list[Network | None]:
    """Networks by their numbers, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for number in numbers:
            pipe.hgetall(keys.network(number))
        return [_read(number, found) for number, found in zip(numbers, pipe.execute(), strict=True)]


def every() -> list[Network]:
    """All networks, by number."""
    numbers = sorted(int(one) for one in connection.client().smembers(keys.NETWORKS))
    return [one for one in find_many(numbers) if one] if numbers else []


def remove(number: int) -> None:
    """Forget a network with its pages. Safe to repeat, also while a discovery of it runs."""

    def drop(pipe: Any) -> None:
        pages = [keys.page(int(one)) for one in pipe.hvals(keys.network(number, "pages"))]
        pipe.multi()
        pipe.unlink(keys.network(number), keys.network(number, "pages"), *pages)
        pipe.srem(keys.NETWORKS, number)

    connection.client().transaction(drop, keys.network(number), keys.network(number, "pages"))


def _read(number: int, found: dict[bytes, bytes]) -> Network | None:
    if not found.get(b"url"):
        return None
    told = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    values: dict[str, Any] = {name: told.get(name, "") for name in TEXTS}
    values |= {name: int(told[name]) for name in NUMBERS if told.get(name, "").isdigit()}
    return Network(number, **values, last=json.loads(told["last"]) if told.get("last") else {})
