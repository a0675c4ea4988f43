"""How much a piece of code asks of the store: round trips and commands, on fakeredis and on a real server alike."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import redis
from redis.client import Pipeline

from state.store import transport
from web import looks


@dataclass
class Asked:
    """What was sent while the block ran."""

    trips: int = 0
    commands: int = 0


@contextmanager
def asked() -> Iterator[Asked]:
    """Count what this process sends to its store, but for the look at the whole system.

    That runs in a thread of its own, at most once a second, for all requests (web/looks.py): whether it falls into the block is
    chance.
    """
    found, nobody = Asked(), Asked()

    def counted() -> Asked:
        return nobody if threading.current_thread().name == looks.THREAD else found

    single, several, scripts = redis.Redis.execute_command, Pipeline.execute, transport.Wire.ask

    def one(self: Any, *args: Any, **options: Any) -> Any:
        count = counted()
        count.trips, count.commands = count.trips + 1, count.commands + 1
        return single(self, *args, **options)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped

    def many(self: Any, *args: Any, **options: Any) -> Any:
        count, number = counted(), len(self.command_stack)
        count.trips, count.commands = count.trips + bool(number), count.commands + number
        return several(self, *args, **options)

    def run(self: Any, commands: Any, *args: Any) -> Any:
        count = counted()
        count.trips, count.commands = count.trips + 1, count.commands + len(commands)
        return scripts(self, commands, *args)

    with (
        mock.patch.object(redis.Redis, "execute_command", one),
        mock.patch.object(Pipeline, "execute", many),
        mock.patch.object(transport.Wire, "ask", run),
    ):
        yield found


def fewest(work: Callable[[], object], times: int = 3) -> Asked:
    """The least that some work asks of the store, of a few runs: a thread that an earlier test left may ask in one of them."""
    found = []
    for _ in range(times):
        with asked() as one:
            work()
        found.append(one)
    return min(found, key=lambda one: (one.trips, one.commands))
