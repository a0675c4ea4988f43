"""A process that fetches pages of one host, each in its turn, until it is killed (tests/faults/test_politeness.py)."""

import socket
import sys
import time

import clock
from state.scraping import gates


def run(number: int, port: int, delay_s: float, concurrency: int) -> None:
    """Fetch for ever. Each request says when it was sent, by the clock that all processes of a machine share."""
    page = 0
    while True:
        page += 1
        ask = gates.Ask("127.0.0.1", f"direct-{number}-{page}", delay_s, concurrency, lease_s=2.0)
        with socket.create_connection(("127.0.0.1", port), 30) as link:
            entered = turn(ask)
            sent = time.monotonic()
            link.sendall(f"{sent:.6f}\n".encode())
            link.recv(1)
        gates.leave(entered, gates.Left("ok", time.monotonic() - sent))


def turn(ask: gates.Ask) -> gates.Granted:
    """Wait for the turn in this process."""
    while True:
        entered = gates.enter(ask)
        if isinstance(entered, gates.Granted):
            entered = gates.ready(entered)
        if isinstance(entered, gates.Granted):
            return entered
        clock.wait(entered.in_s)


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
