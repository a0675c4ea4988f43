"""The HTTP API beside a bare Flask route on the same server, under streams, slow senders, and with a million jobs kept.

    python benchmarks/api.py [--seconds 5] [--rounds 3] [--jobs 1000000] [--only submits,crowd,kept,polls]

Every part prints ratios of one run, because a machine's own speed is in all of them. Peak rates are those of wrk where it is
installed (else of benchmarks/api_load.py, which is slower itself), with 16 connections. p50 and p99 are at half the peak rate of
the submits, with requests sent at their moment: what a request waits before it is sent counts.

- submits: POST /scrape with an API key, an address of its own in each. CPU is that of the web process alone.
- crowd: the same submits beside 100 open event streams, ten of them of all jobs, and 150 requests whose bodies never end.
- kept: a page of the job list, and the statistics, with many jobs kept beside few.
- polls: 20 clients that poll a crawl of 10,000 pages beside one of 10.
"""

import argparse
import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import requests

import clock
from benchmarks import history, servers
from state.scraping import ledgers
from topics.access import api_keys

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS, SLOW = 16, 150

#: Streams of one job each, and of all jobs.
OF_JOBS, OF_ALL = 90, 10
BODY = '{"url": "https://example.com/{n}"}'

#: wrk's way to say the same.
LUA = """
local n, id = 0, 0
function setup(thread) thread:set("id", id) id = id + 1 end
function request()
  n = n + 1
  return wrk.format("POST", "/scrape", {["Content-Type"] = "application/json", ["Authorization"] = "KEY"},
    '{"url": "https://example.com/' .. id .. "-" .. n .. "-" .. ROUND .. '"}')
end
"""


class Server:
    """A process that serves on a port of its own."""

    def __init__(self, command: list[str], port: int, env: dict[str, str]) -> None:
        environment = {**os.environ, "TRAWL_NO_DOTENV": "1", "LOG_LEVEL": "ERROR", "WEB_THREADS": "256", **env}
        self.port, self.key = port, ""
        self.process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment)
        servers.wait_for(port)

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def get(self, path: str) -> Any:
        """A reply, which must be good."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        reply = requests.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=60)
        reply.raise_for_status()
        return reply.json()


@contextmanager
def started(command: list[str], port: int, **env: str) -> Iterator[Server]:
    """A server until the end of the block."""
    server = Server(command, port, env)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--only", default="submits,crowd,kept,polls")
    args = parser.parse_args()
    parts = {"submits": submits, "crowd": crowd, "kept": kept, "polls": polls}
    for name in args.only.split(","):
        with servers.throw_away() as url, web(url) as server:
            parts[name](args, server)


@contextmanager
def web(url: str) -> Iterator[Server]:
    """The web process on this Redis."""
    port = servers.free_port()
    options = {"REDIS_URL": url, "ALLOW_UNSAFE_REDIS": "1", "PORT": str(port)}
    with started(["manage.py", "web"], port, **options) as server:
        _, server.key = api_keys.add("benchmark", "admin", rate=0)
        yield server


def submits(args: argparse.Namespace, server: Server) -> None:
    """Peak rate, CPU a request, p50 and p99 at half the peak, each beside the bare route."""
    port = servers.free_port()
    with started(["benchmarks/api_bare.py", str(port)], port) as bare:
        rows = [(peak(bare, args, turn), peak(server, args, turn)) for turn in range(args.rounds)]
        rate = middle([ours[0] for _, ours in rows]) / 2
        paced = [(load(bare, args, rate), load(server, args, rate)) for _ in range(args.rounds)]
    print(f"{'submits':<34}{'bare route':>12}{'POST /scrape':>14}{'x':>7}")
    line("peak, requests/s", [row[0][0] for row in rows], [row[1][0] for row in rows])
    line("CPU of the process, ms a request", [row[0][1] for row in rows], [row[1][1] for row in rows])
    for share in (0.5, 0.99):
        name = f"p{share * 100:.0f} at {rate:.0f}/s, ms"
        line(name, [percentile(row[0], share) for row in paced], [percentile(row[1], share) for row in paced])


def crowd(args: argparse.Namespace, server: Server) -> None:
    """p99 of submits at half their peak, with and without streams and slow senders."""
    rate = peak(server, args, 0)[0] / 2
    alone, beside = [], []
    for _ in range(args.rounds):
        alone.append(percentile(load(server, args, rate), 0.99))
        with crowded(server):
            beside.append(percentile(load(server, args, rate), 0.99))
    print(f"{f'p99 of submits at {rate:.0f}/s, ms':<34}{'alone':>12}{'in a crowd':>14}{'x':>7}")
    line(f"{OF_JOBS + OF_ALL} streams, {SLOW} slow bodies", alone, beside)


@contextmanager
def crowded(server: Server) -> Iterator[None]:
    """Open streams that were answered, and senders whose bodies never end."""
    key = f"Authorization: Bearer {server.key}\r\n" if server.key else ""
    body = f"POST /scrape HTTP/1.1\r\nHost: localhost\r\n{key}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
    paths = [f"/api/v1/jobs/{_crawl(server, number)}/events" for number in range(1, OF_JOBS + 1)] + ["/api/v1/events"] * OF_ALL
    sockets = [_sent(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{key}\r\n") for path in paths]
    try:
        for one in sockets:
            if b" 200 " not in (said := one.recv(4096)):
                sys.exit(f"a stream was refused: {said.decode()}")
        threading.Thread(target=_read_all, args=(list(sockets),), daemon=True).start()
        sockets += [_sent(server, body) for _ in range(SLOW)]
        yield
    finally:
        for one in sockets:
            one.close()


def _read_all(sockets: list[socket.socket]) -> None:
    """Take what the streams send, until they are closed."""
    with selectors.DefaultSelector() as waits, suppress(OSError, ValueError):
        for one in sockets:
            waits.register(one, selectors.EVENT_READ)
        while waits.get_map():
            for key, _ in waits.select(1):
                if not one_chunk(key.fileobj):
                    waits.unregister(key.fileobj)


def one_chunk(taken: Any) -> bool:
    """Whether there was something to read."""
    with suppress(OSError):
        return bool(taken.recv(1 << 16))
    return False


def _sent(server: Server, text: str) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    made.sendall(text.encode())
    return made


def kept(args: argparse.Namespace, server: Server) -> None:
    """What a page of jobs and the statistics take with few and with many jobs kept, measured in turns."""
    paths = ("/api/v1/jobs?limit=100", "/api/v1/jobs?limit=10&status=failed", "/api/v1/jobs/stats")
    history.fill(1000, labels=True)
    with servers.throw_away() as url, web(url) as large:
        history.fill(args.jobs, labels=True)
        times: dict[str, tuple[list[float], list[float]]] = {path: ([], []) for path in paths}
        for path in paths * 30:
            for taken, one in zip(times[path], (server, large), strict=True):
                taken.append(_took_ms(one, path))
    print(f"{'ms, best of 30':<40}{'1,000 jobs':>12}{f'{args.jobs:,}':>14}{'x':>7}")
    for path, (few, many) in times.items():
        line(path, [min(few)], [min(many)], 40)


def _took_ms(server: Server, path: str) -> float:
    begun = clock.monotonic()
    server.get(path)
    return (clock.monotonic() - begun) * 1000


def polls(args: argparse.Namespace, server: Server) -> None:
    """p50 and p99 of 20 clients that poll a crawl, a large one beside a small one."""
    found = {}
    for pages in (10, 10_000):
        job = _crawl(server, pages)
        path = f"/scrape/{job}/progress"
        server.get(path)
        found[pages] = [asked(server, args, path=path, connections=20)["ms"] for _ in range(args.rounds)]
    print(f"{'20 clients poll a crawl, ms':<34}{'10 pages':>12}{'10,000 pages':>14}{'x':>7}")
    for share in (0.5, 0.99):
        few, many = ([percentile(ms, share) for ms in found[pages]] for pages in (10, 10_000))
        line(f"p{share * 100:.0f}", few, many)


def _crawl(server: Server, pages: int) -> str:
    """A crawl with so many pages in its ledger."""
    reply = requests.post(
        f"http://127.0.0.1:{server.port}/scrape",
        json={"url": f"https://site{pages}.example.com/", "expected_pages": pages},
        headers={"Authorization": f"Bearer {server.key}"} if server.key else {},
        timeout=60,
    )
    reply.raise_for_status()
    job = str(reply.json()["job_id"])
    host = f"site{pages}.example.com"
    ledgers.add(job, [ledgers.Offer(str(number).encode(), host, "", "", f"https://{host}/{number}") for number in range(pages)])
    return job


def peak(server: Server, args: argparse.Namespace, turn: int) -> tuple[float, float]:
    """Requests a second, and CPU ms of the server's process a request."""
    cpu = server.cpu_s()
    count, seconds = by_wrk(server, args, turn) if shutil.which("wrk") else by_load(server, args)
    return count / seconds, (server.cpu_s() - cpu) * 1000 / count


def by_wrk(server: Server, args: argparse.Namespace, turn: int) -> tuple[int, float]:
    """Requests and seconds of a run of wrk."""
    script = Path(os.environ.get("TMPDIR", "/tmp")) / f"trawl-wrk-{os.getpid()}.lua"
    script.write_text(LUA.replace("KEY", f"Bearer {server.key}").replace("ROUND", str(turn)))
    url = f"http://127.0.0.1:{server.port}/scrape"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(args.seconds))}", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with suppress(FileNotFoundError):
        script.unlink()
    if "Non-2xx" in said:
        sys.exit(f"wrk got errors:\n{said}")
    words = next(line for line in said.splitlines() if "requests in" in line).split()
    return int(words[0]), float(words[3].rstrip("s,"))


def by_load(server: Server, args: argparse.Namespace) -> tuple[int, float]:
    """The same by our own client."""
    got = asked(server, args, path="/scrape", body=BODY)
    return got["requests"], got["seconds"]


def load(server: Server, args: argparse.Namespace, rate: float) -> list[float]:
    """Sorted ms of submits at a fixed rate."""
    ms: list[float] = asked(server, args, path="/scrape", body=BODY, rate=rate, connections=64)["ms"]
    return ms


def asked(server: Server, args: argparse.Namespace, **options: Any) -> dict[str, Any]:
    """What benchmarks/api_load.py measured, in a process of its own."""
    given = {"port": server.port, "seconds": args.seconds, "key": server.key, "connections": CONNECTIONS, **options}
    command = [sys.executable, str(ROOT / "benchmarks" / "api_load.py")]
    for name, value in given.items():
        command += [f"--{name}={value}"]
    got: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    if got["refused"]:
        sys.exit(f"{got['refused']} of {got['requests']} requests were refused: the benchmark cannot go on")
    return got


def line(name: str, base: list[float], ours: list[float], width: int = 34) -> None:
    """Print medians and their ratio."""
    print(f"{name:<{width}}{middle(base):>12,.2f}{middle(ours):>14,.2f}{middle(ours) / middle(base):>7.2f}", flush=True)


def percentile(ms: list[float], share: float) -> float:
    """Of sorted values."""
    return ms[min(len(ms) - 1, int(len(ms) * share))]


def middle(values: list[float]) -> float:
    """The median."""
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
