"""How the connections of state/store/pool.py are shared: made while there is room, waited for in a line, closed when idle."""

import socket
import threading
import weakref
from collections import deque
from contextlib import suppress
from threading import get_ident
from typing import Any

import clock
from state.store import reasons

#: Connections of a worker that are waited on for long: for wake-ups and for RQ's commands.
APART = 2

#: Seconds that a caller waits for a connection, and between two tries to get a new one from a server that is full.
WAIT_S, AGAIN_S = 60.0, 0.5

#: An idle connection that was not used for so long (s) is closed, but for one.
IDLE_S = 20.0


class _Waiter:
    """Somebody who waits for a connection; `link` stays None where it should look again by itself."""

    def __init__(self) -> None:
        self.link: Any = None
        self.woken = threading.Event()

    def hand(self, link: Any) -> None:
        self.link = link
        self.woken.set()


class Links:
    """The connections there are: in use, idle, kept for one thread, or waited on for long."""

    max_connections: int
    connection_class: Any
    connection_kwargs: dict[str, Any]
    era = 0
    wait_s = WAIT_S

    def begin(self) -> None:
        """Begin anew, without any connection."""
        self._links: weakref.WeakSet[Any] = weakref.WeakSet()  # one that an interrupted caller lost is not counted for ever
        self._separate: weakref.WeakSet[Any] = weakref.WeakSet()  # those of them that are waited on for long
        self._idle: deque[Any] = deque()  # the last one used is at the right
        self._kept: deque[Any] = deque()  # for the thread that has one reserved
        self._thread_of_kept = 0
        self._waiters: deque[_Waiter] = deque()
        self._full_until = 0.0  # the server took no further client a moment ago
        self._guard = threading.Lock()

    def give(self, link: Any) -> None:
        """The caller is done with it; one that is closed is forgotten."""
        idle = self._idle
        if link._sock is None or link.era != self.era:
            self._drop(link)
        elif self._thread_of_kept and get_ident() == self._thread_of_kept and not self._kept:
            self._kept.append(link)
        else:
            idle.append(link)
            if self._waiters:
                self._serve()
        if len(idle) > 1:
            self._close_idle()

    def leave(self, link: Any) -> None:
        """The server behind this connection is wrong or silent: no connection of its time is used any more."""
        with self._guard:
            if link.era != self.era:
                return
            self.era += 1
            links = [other for other in self._links if other is not link]
        for other in links:
            hang_up(other)

    def _obtain(self) -> Any:
        deadline = clock.monotonic() + self.wait_s
        problem = reasons.NoFreeClient(
            f"all connections are in use: none of {self.max_connections} was free within {self.wait_s:g} s"
        )
        while clock.monotonic() < deadline:
            link, waiter = self._idle_or_new()
            if waiter is not None:
                link = self._await(waiter, AGAIN_S)
            if link is not None:
                try:
                    return self._opened(link)
                except reasons.NoFreeClient as exc:
                    problem, self._full_until = exc, clock.monotonic() + AGAIN_S
                    if len(self._links) - len(self._separate) <= 1 and self._kept:  # nothing else there is to share
                        with suppress(IndexError):
                            return self._opened(self._kept.pop())
        raise problem

    def _idle_or_new(self) -> tuple[Any, _Waiter | None]:
        """An idle connection, a new one that is not open yet, or a place in the line of those who wait."""
        with self._guard:
            with suppress(IndexError):
                return self._idle.pop(), None
            if self._has_room() and clock.monotonic() >= self._full_until:
                return self._new(), None
            waiter = _Waiter()
            if get_ident() == self._thread_of_kept:
                self._waiters.appendleft(waiter)
            else:
                self._waiters.append(waiter)
        if self._idle:  # given back in between
            self._serve()
        return None, waiter

    def _has_room(self) -> bool:
        """Whether one more may be made; in a worker there is always room for those that are waited on."""
        apart = max(len(self._separate), APART if self._thread_of_kept else 0)
        return len(self._links) - len(self._separate) < self.max_connections - apart

    def _new(self) -> Any:
        link = self.connection_class(**self.connection_kwargs)
        link.current_era, link.left = lambda: self.era, self.leave
        self._links.add(link)
        return link

    def _await(self, waiter: _Waiter, at_most_s: float) -> Any:
        try:
            waiter.woken.wait(at_most_s)
        except BaseException:  # the end of a job's time
            self._withdraw(waiter)
            raise
        with self._guard, suppress(ValueError):
            self._waiters.remove(waiter)
        return waiter.link

    def _withdraw(self, waiter: _Waiter) -> None:
        with self._guard, suppress(ValueError):
            self._waiters.remove(waiter)
        if waiter.link is not None:
            self.give(waiter.link)

    def _opened(self, link: Any) -> Any:
        try:
            if link.era != self.era:
                link.disconnect()
            link.connect()
        except BaseException:
            self._drop(link)
            raise
        return link

    def _serve(self) -> None:
        """Hand idle connections to those who wait, first come, first served."""
        with self._guard:
            while self._waiters and self._idle:
                with suppress(IndexError):
                    self._waiters[0].hand(self._idle.pop())
                    self._waiters.popleft()

    def _drop(self, link: Any) -> None:
        link.disconnect()
        with self._guard:
            self._links.discard(link)
            self._separate.discard(link)
            if self._waiters and self._has_room():
                self._waiters.popleft().hand(None)  # it may make one

    def _close_idle(self) -> None:
        """Close what nobody used for a while; the one used last stays."""
        before = clock.monotonic() - IDLE_S
        while len(self._idle) > 1:
            with suppress(IndexError):
                link = self._idle[0]
                if link.next_health_check - link.health_check_interval > before:  # when its last reply came
                    return
                self._drop(self._idle.popleft())


def hang_up(link: Any) -> None:
    """End a connection that another thread may be using: it learns of it as if the server had hung up."""
    opened = link._sock
    if opened is not None:
        link.is_left = True
        with suppress(OSError):
            socket.socket.shutdown(opened, socket.SHUT_RDWR)  # of TLS too: its own shutdown would touch what that thread holds
