"""Names looked up once, within a bound on time, and kept for a minute.

`getaddrinfo` has no time limit and cannot be stopped. So each lookup has a thread of its own, which is left behind when it is
late. Threads that ask for one name at the same time share one lookup.
"""

import os
import socket
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import clock
import errors

KEPT_S, KEPT_MISSING_S = 60.0, 5.0
LONGEST_S = 10.0
MOST_KEPT, MOST_WAITING = 10_000, 64
SLICE_S = 0.2  # a job that is interrupted is told between two slices


@dataclass(slots=True)
class _Lookup:
    done: threading.Event = field(default_factory=threading.Event)
    addresses: tuple[str, ...] = ()
    error: int = 0  # an EAI_ code


_lock = threading.Lock()
_kept: "OrderedDict[str, tuple[float, tuple[str, ...], int]]" = OrderedDict()
_running: dict[str, _Lookup] = {}


def addresses(host: str, ends_at: float) -> tuple[str, ...]:
    """The IP addresses of a name, in the system's order. `ends_at` is a time of `clock.monotonic`.

    Raises NoSuchHost where the name has none, Unreachable where nobody answers in time.
    """
    kept = _kept.get(host)
    if kept is None or kept[0] < clock.monotonic():
        kept = _ask(host, ends_at)
    _, found, error = kept
    if found:
        return found
    if error in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
        raise errors.NoSuchHost(f"{host} has no address: check the spelling of the host")
    raise errors.Unreachable(f"{host} cannot be looked up now: check the network and the name servers of this machine")


def forget() -> None:
    """Look every name up again."""
    with _lock:
        _kept.clear()


def system(host: str) -> list[str]:
    """The addresses that the system gives for a name. Raises socket.gaierror."""
    found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _ask(host: str, ends_at: float) -> tuple[float, tuple[str, ...], int]:
    with _lock:
        lookup = _running.get(host)
        if lookup is None:
            if len(_running) >= MOST_WAITING:
                raise errors.Unreachable(f"{host}: {MOST_WAITING} lookups wait for the name servers of this machine: check them")
            lookup = _running[host] = _Lookup()
            threading.Thread(target=_run, args=(host, lookup), name="lookup", daemon=True).start()
    ends_at = min(ends_at, clock.monotonic() + LONGEST_S)
    while not lookup.done.wait(max(0.0, min(SLICE_S, ends_at - clock.monotonic()))):
        if clock.monotonic() >= ends_at:
            raise errors.Unreachable(f"{host} was not looked up in time: check the name servers of this machine")
    return 0.0, lookup.addresses, lookup.error


def _run(host: str, lookup: _Lookup) -> None:
    try:
        lookup.addresses = tuple(system(host))
    except socket.gaierror as exc:
        lookup.error = exc.errno or socket.EAI_FAIL
    except (OSError, UnicodeError):
        lookup.error = socket.EAI_FAIL
    with _lock:
        _running.pop(host, None)
        _kept[host] = (clock.monotonic() + (KEPT_S if lookup.addresses else KEPT_MISSING_S), lookup.addresses, lookup.error)
        _kept.move_to_end(host)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    lookup.done.set()


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _running.clear()


os.register_at_fork(after_in_child=_after_fork)
