"""The keywords of a project in some orders, as they were counted last: a page of a list by rank costs the same for any project.

An order is one string of ids, 12 characters each. Keywords that have no value in it, e.g. no volume, stand at its end in both
directions. A new count takes the place of the last one, which stays for ten minutes for whoever reads its pages.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from state.store import connection
from state.store import keys as store_keys
from state.tracking import keys

ID_CHARS = 12

#: How long a count is kept, and one that another replaced (s).
KEPT_S, REPLACED_S = 86_400, 600


class Order(NamedTuple):
    """Ids in an order: the first `valued` of them have a value."""

    ids: Sequence[str]
    valued: int


class Count(NamedTuple):
    """A count that is kept: its version, when it was made, how many keywords, how many of them have a value in each order.

    `tracked`: how many keywords the project has by now.
    """

    version: str
    at: datetime
    keywords: int
    valued: Mapping[str, int]
    tracked: int


def keep(project_id: str, orders: Mapping[str, Order], at: datetime) -> None:
    """Keep all orders of a project in place of those before."""
    before, version = latest(project_id), secrets.token_hex(4)
    head = {
        "version": version,
        "at": at.isoformat(),
        "keywords": max((len(one.ids) for one in orders.values()), default=0),
        "valued": {name: one.valued for name, one in orders.items()},
    }
    with connection.client().pipeline(transaction=False) as pipe:
        for name, one in orders.items():
            pipe.set(keys.order(project_id, version, name), "".join(one.ids), ex=KEPT_S)
        pipe.set(keys.orders(project_id), json.dumps(head), ex=KEPT_S)
        for name in before.valued if before else ():
            pipe.expire(keys.order(project_id, before.version if before else "", name), REPLACED_S)
        pipe.execute()


def latest(project_id: str) -> Count | None:
    """The last count, None where there is none or it is older than a day."""
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.get(keys.orders(project_id))
        pipe.zcard(store_keys.due(project_id))
        value, tracked = pipe.execute()
    if not value:
        return None
    head = json.loads(value)
    return Count(head["version"], datetime.fromisoformat(head["at"]), head["keywords"], head["valued"], tracked)


def read(project_id: str, version: str, name: str, first: int, count: int) -> list[str]:
    """So many ids of an order from a place on, counted from 0; [] where it ends, or is not kept any more."""
    key = keys.order(project_id, version, name)
    text = connection.client().getrange(key, first * ID_CHARS, (first + count) * ID_CHARS - 1).decode()
    return [text[at : at + ID_CHARS] for at in range(0, len(text), ID_CHARS)]


def forget(project_id: str) -> None:
    """Remove what is kept of a project. Safe to repeat."""
    found = latest(project_id)
    names = [keys.order(project_id, found.version, name) for name in found.valued] if found else []
    connection.client().delete(keys.orders(project_id), *names)
