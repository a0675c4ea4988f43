"""Processes that spend from one budget as fast as they can: `python -m tests.faults.spenders URL FOLDER COUNT LEASE_S`.

Each writes into a file of its own what it is about to settle, that it asked for it, and that it was settled. One that dies is
replaced, until the file `stop` lies in the folder, or the parent is gone.
"""

import os
import random
import sys
import time
from pathlib import Path

from errors import NotNow
from state.store import connection
from topics import budgets

#: What one step costs at most (millionths of a USD).
BOUND = 1000


def spend(url: str, folder: Path, lease_s: float, parent: int) -> None:
    """Spend until it is over; every fifth step costs nothing."""
    connection.use(connection.connect(url))
    draw = random.Random(os.getpid())
    with (folder / str(os.getpid())).open("a", buffering=1) as told:
        while os.getppid() == parent and not (folder / "stop").exists():
            cost = draw.choice((0, draw.randint(1, BOUND), draw.randint(1, BOUND), draw.randint(1, BOUND), BOUND))
            try:
                with budgets.reserved("project:a", "subscription:s", micro_usd=BOUND, purpose="race", lease_s=lease_s) as held:
                    told.write(f"settling {cost}\n")
                    held.ask()
                    told.write("asked\n")
                    time.sleep(draw.random() / 100)
                    held.settle(micro_usd=cost)
                    told.write("settled\n")
            except NotNow as exc:
                told.write(f"refused {exc}\n")
                time.sleep(0.1)


def born(url: str, folder: Path, lease_s: float) -> int:
    """One more of them."""
    parent, pid = os.getpid(), os.fork()
    if pid:
        return pid
    try:
        spend(url, folder, lease_s, parent)
    finally:
        os._exit(0)


def main(url: str, folder: Path, count: int, lease_s: float) -> None:
    """Keep so many alive."""
    for _ in range(count):
        born(url, folder, lease_s)
    alive = count
    while alive:
        os.wait()
        if (folder / "stop").exists():
            alive -= 1
        else:
            born(url, folder, lease_s)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
