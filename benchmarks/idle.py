"""The commands of two worker processes and a scheduler without work, beside stock RQ workers and rq-scheduler.

    python benchmarks/idle.py [--seconds 120]

"sent" counts the commands that clients send in a second; a script counts as one. "inside" counts the commands that scripts run.
Plans that bill by command usually bill the commands sent. Periodic work runs as usual: one tick and one sweep a minute.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import clock
from benchmarks import servers

LINE = re.compile(rb'\+[0-9.]+ \[\d+ (\S+?)\] "([^"]+)"')

MANAGE = (sys.executable, "manage.py")
BIN = Path(sys.executable).parent

#: Seconds until the processes are idle.
SETTLE_S = 20.0

CONTENDERS: dict[str, tuple[tuple[tuple[str, ...], ...], dict[str, str]]] = {
    "RQ workers, rq-scheduler": (
        ((str(BIN / "rq"), "worker", "high", "default", "low"),) * 2 + ((str(BIN / "rqscheduler"), "-i", "1"),),
        {},
    ),
    "Trawl": (((*MANAGE, "worker", "--processes", "2"), (*MANAGE, "scheduler")), {}),
    "Trawl, IDLE_POLL_INTERVAL=300": (
        ((*MANAGE, "worker", "--processes", "2"), (*MANAGE, "scheduler")),
        {"IDLE_POLL_INTERVAL": "300"},
    ),
}


def main() -> None:
    """Run the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long each is watched")
    seconds = parser.parse_args().seconds
    print(f"{'':<32} {'sent/s':>8} {'inside/s':>9}  most of them")
    for name, (commands, env) in CONTENDERS.items():
        with servers.throw_away() as url, at_work(url, commands, env):
            clock.wait(SETTLE_S)
            sent, inside = watched(url, seconds)
        most = ", ".join(f"{command} {count / seconds:.2f}" for command, count in sent.most_common(4))
        print(f"{name:<32} {sent.total() / seconds:>8.2f} {inside / seconds:>9.2f}  {most}")


@contextmanager
def at_work(url: str, commands: tuple[tuple[str, ...], ...], env: dict[str, str]) -> Iterator[None]:
    """Run these programs against a server. At the end, ask them to end and wait for them."""
    given = {**os.environ, "TRAWL_NO_DOTENV": "1", "LOG_LEVEL": "ERROR", "REDIS_URL": url, "RQ_REDIS_URL": url, **env}
    with ExitStack() as running:
        for command in commands:
            process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            running.callback(process.wait)
            running.callback(process.send_signal, signal.SIGTERM)
        yield


def watched(url: str, seconds: float) -> tuple[Counter[str], int]:
    """Commands by name that clients sent, and the number that scripts ran, within so many seconds."""
    seen = b""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.connect(url.removeprefix("unix://").partition("?")[0])
        monitor.sendall(b"MONITOR\r\n")
        monitor.settimeout(0.5)
        until = clock.monotonic() + seconds
        while clock.monotonic() < until:
            try:
                seen += monitor.recv(65536)
            except TimeoutError:
                continue
    found = [match.groups() for line in seen.split(b"\r\n") if (match := LINE.match(line))]
    sent = Counter(command.decode().upper() for client, command in found if client != b"lua")
    return sent, sum(client == b"lua" for client, _ in found)


if __name__ == "__main__":
    main()
