"""What fault tests stand on: a Redis that can be killed and paused, real worker processes, and the audit.

The audit is the point: whatever was done to the processes, each acknowledged id is in exactly one place and was committed at most
once. Runs are counted from the ledger, a file outside Redis.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

import clock
import config
import models
import queues
from state.store import connection, keys
from tests import patience
from tests.conftest import server_binary
from tests.faults import power_loss, work
from tests.local.real import environment, leashed, left_over, let_go, lives, until

SUCCESSFUL = b"1"


class Server:
    """A Redis of its own with AOF, on a socket in a short folder.

    With `appendfsync no` each write is with the kernel before it is answered, so that kill -9 loses nothing. With `everysec`
    Redis keeps writes to itself for up to two seconds while the disk is slow, as that of a busy machine is.
    """

    def __init__(self, fsync: str = "no") -> None:
        self.home = Path(tempfile.mkdtemp(prefix="trawl-fault-"))
        self.fsync = fsync
        self.url = f"unix://{self.home / 's'}?db=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it (again) with what its AOF holds."""
        options = ["--port", "0", "--unixsocket", str(self.home / "s"), "--dir", str(self.home), "--save", ""]
        self.process = leashed(self.launch([server_binary(), *options, "--appendonly", "yes", "--appendfsync", self.fsync]))
        until(self._answers)

    def launch(self, command: list[str]) -> "subprocess.Popen[bytes]":
        """Start its process."""
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, process_group=0)

    def _answers(self) -> bool:
        with redis.Redis(unix_socket_path=str(self.home / "s")) as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.ResponseError):  # not there, or still reading its AOF
                return False

    def send(self, signum: int) -> None:
        """SIGSTOP and SIGCONT pause it, SIGKILL is a crash."""
        assert self.process is not None
        self.process.send_signal(signum)
        if signum == signal.SIGKILL:
            self.process.wait()
            let_go(self.process)

    def pause(self, seconds: float) -> None:
        """Let it stand still for so long."""
        self.send(signal.SIGSTOP)
        passed(seconds)
        self.send(signal.SIGCONT)

    def close(self) -> None:
        """Stop it for good and remove its files."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            let_go(self.process)
        shutil.rmtree(self.home, ignore_errors=True)


class MainsServer(Server):
    """A Redis whose power can be cut. It must have fsynced something, else it runs where we do not see it."""

    def __init__(self, fsync: str) -> None:
        super().__init__(fsync)
        self.disk = power_loss.Disk()
        self._thread: threading.Thread | None = None

    def launch(self, command: list[str]) -> "subprocess.Popen[bytes]":
        """Start its process, with us behind its fsyncs."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            starter = [sys.executable, "-I", "-S", power_loss.__file__, str(theirs.fileno()), *command]
            log = (self.home / "log").open("ab")
            process = subprocess.Popen(starter, stdout=log, stderr=log, pass_fds=(theirs.fileno(),), process_group=0)
            log.close()
            theirs.close()
            received = socket.recv_fds(ours, 1, 1)[1]
        assert received, (self.home / "log").read_text()
        self._thread = threading.Thread(target=self.disk.serve, args=received)
        self._thread.start()
        return process

    def cut(self) -> int:
        """No power, all at once; says how many bytes were lost."""
        self.send(signal.SIGKILL)
        self._join()
        assert self.disk.syncs, "no fsync was seen"
        written = [*self.home.glob("appendonlydir/*"), *self.home.glob("appendonly.aof")]  # from Redis 7 on, and before
        return self.disk.lose(written)

    def close(self) -> None:
        """Stop it for good and remove its files."""
        super().close()
        self._join()

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()


@dataclass
class Line:
    """One line of the ledger."""

    what: str
    job: str
    execution: str
    pid: int
    at: float


class Ledger:
    """The file the test jobs write to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def lines(self, what: str = "", job: str = "") -> list[Line]:
        """What was noted, in order."""
        rows = [row.split() for row in self.path.read_text().splitlines()]
        lines = [Line(row[0], row[1], row[2], int(row[3]), float(row[4])) for row in rows if len(row) == 5]
        return [line for line in lines if what in ("", line.what) and job in ("", line.job)]

    def count(self, what: str) -> int:
        """Lines of that kind: cheap enough to ask often."""
        return self.path.read_bytes().count(f"{what} ".encode())

    def let_go(self) -> None:
        """Let the jobs end that wait for it."""
        self.path.with_name(f"{self.path.name}.go").touch()

    def runs(self) -> Counter[str]:
        """How often each job was started."""
        return Counter(line.job for line in self.lines("start"))


class Program:
    """A worker program: `manage.py worker`, its processes, its log."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str]) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "tests.faults.kill_points", *argv],
                cwd=config.ROOT,
                env=environment(env),
                stdout=output,
                stderr=output,
                process_group=0,
            )
        leashed(self.process)

    @property
    def pid(self) -> int:
        """The supervisor."""
        return self.process.pid

    def workers(self) -> list[int]:
        """Its worker processes, oldest first."""
        return children(self.pid, without="parent_death.py watch")

    def family(self) -> list[int]:
        """The supervisor, its workers, and the processes of isolated jobs; not the watchdog, which outlives them all.

        [] once the supervisor was seen to be over: its number may be another's by now.
        """
        if self.process.poll() is not None:
            return []
        rows, found, looked = processes(), [self.pid], 0
        while looked < len(found):
            found += children(found[looked], without="parent_death.py watch", rows=rows)
            looked += 1
        return found

    def ready(self, count: int) -> None:
        """Wait until so many workers were ready, ever."""
        until(lambda: self.said("Ready to process jobs") >= count or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()[-2000:]

    def said(self, words: str) -> int:
        """How often its log holds these words, in any case."""
        return self.log.read_text(errors="replace").lower().count(words.lower())

    def send(self, signum: int, pids: Iterable[int] | None = None) -> None:
        """Signal these processes of its own (default: all of them)."""
        for pid in self.family() if pids is None else pids:
            try:
                os.kill(pid, signum)
            except ProcessLookupError:
                continue

    def stop(self, within_s: float = patience.HANG_S) -> int:
        """SIGTERM; its exit code."""
        self.process.terminate()
        return self.process.wait(within_s)

    def close(self) -> None:
        """kill -9 to what is left of it."""
        family = self.family()
        self.send(signal.SIGKILL, family)
        self.process.wait()
        let_go(self.process)
        until(lambda: not any(lives(pid) for pid in family))


def processes() -> list[list[str]]:
    """Every process: its number, its parent's, its command."""
    told = subprocess.run(["ps", "-ewwo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    return [row.split(None, 2) for row in told.splitlines()]


def descendants(pid: int) -> list[int]:
    """Every living process below this one."""
    rows, found, looked = processes(), [pid], 0
    while looked < len(found):
        found += children(found[looked], rows=rows)
        looked += 1
    return found[1:]


def children(parent: int, without: str = "", rows: list[list[str]] | None = None) -> list[int]:
    """Living processes whose parent that is, oldest first, but for those whose command holds `without`."""
    ours = [row for row in (processes() if rows is None else rows) if int(row[1]) == parent]
    return sorted(int(pid) for pid, _, *args in ours if not (without and without in "".join(args)) and lives(int(pid)))


@dataclass
class Env:
    """One test's server, ledger and programs."""

    server: Server
    ledger: Ledger
    folder: Path
    programs: list[Program] = field(default_factory=list)

    def program(self, *argv: str, step: str = "", **env: str) -> Program:
        """Start a worker program; with `step` its first process to come there dies there."""
        given = {"REDIS_URL": self.server.url, "TRAWL_TEST_LEDGER": str(self.ledger.path), "LOG_FORMAT": "json", **env}
        if step:
            fuse = self.folder / "fuse"
            fuse.touch()
            given |= {"TRAWL_TEST_STEP": step, "TRAWL_TEST_FUSE": str(fuse)}
        made = Program(list(argv), self.folder / f"log{len(self.programs)}", given)
        self.programs.append(made)
        return made

    def worker(self, processes: int = 1, threads: int = 5, *options: str, step: str = "", **env: str) -> Program:
        """Start `manage.py worker` and wait until its processes are ready."""
        argv = ["worker", "--processes", str(processes), "--threads", str(threads), *options]
        made = self.program(*argv, step=step, **env)
        made.ready(processes)
        return made

    def programs_of_jobs(self) -> list[int]:
        """Programs that jobs of this field started and that run: what `work.PROGRAM` says, and the shells around it."""
        return [pid for pid, command in left_over(str(self.ledger.path)).items() if work.PROGRAM in command]

    def settled(self, ids: Iterable[str], within_s: float = patience.HANG_S) -> "Audit":
        """Wait until each of these jobs is done or dead and nothing is leased; then the audit."""
        ids = list(ids)
        until(lambda: _over(ids), within_s)
        return audit(ids)


@contextmanager
def opened(folder: Path, server: Server | None = None) -> Iterator[Env]:
    """A field with a server that runs; everything it started is gone at the end."""
    server = server or Server()
    scene = Env(server, Ledger(folder / "ledger"), folder)
    before = os.environ.get("TRAWL_TEST_LEDGER")
    os.environ["TRAWL_TEST_LEDGER"] = str(scene.ledger.path)
    try:
        server.start()
        connection.use(connection.connect(server.url))
        yield scene
    finally:
        for program in scene.programs:
            program.close()
        for pid in scene.programs_of_jobs():  # of a test that failed
            os.kill(pid, signal.SIGKILL)
        connection.client().close()
        connection.use(None)
        server.close()
        if before is None:
            del os.environ["TRAWL_TEST_LEDGER"]


# --- the audit ---


@dataclass
class Audit:
    """Where each acknowledged id is. `places` has queued, leased, scheduled, done and dead."""

    places: dict[str, list[str]]
    committed: dict[str, int]
    faults: list[str]

    @property
    def lost(self) -> list[str]:
        """Ids that are nowhere."""
        return [job for job, found in self.places.items() if not found]

    @property
    def doubled(self) -> list[str]:
        """Ids that are in two places, or twice in one."""
        return [job for job, found in self.places.items() if len(found) > 1]

    @property
    def committed_twice(self) -> list[str]:
        """Ids with two successful results."""
        return [job for job, count in self.committed.items() if count > 1]

    def counts(self) -> Counter[str]:
        """How many are where."""
        return Counter(place for found in self.places.values() for place in found)

    def verify(self) -> None:
        """Nothing is lost, doubled or committed twice, and RQ's records agree with ours."""
        named = {name: getattr(self, name)[:5] for name in ("lost", "doubled", "committed_twice", "faults")}
        wrong = {name: found for name, found in named.items() if found}
        assert not wrong, wrong


def audit(acked: Iterable[str]) -> Audit:
    """Look for each acknowledged id in every place where a job can be. Changes nothing."""
    client = connection.client()
    ids = list(acked)
    places: dict[str, list[str]] = {job: [] for job in ids}
    faults: list[str] = []
    statuses, results = _records(client, ids)
    found = _everything(client)
    for place, jobs in found.items():
        for job in jobs:
            if job in places and place != "wip":
                places[job].append(place)
    if set(found["wip"]) != set(found["leased"]):
        faults.append(f"leases and RQ's started registry differ: {sorted(set(found['wip']) ^ set(found['leased']))[:5]}")
    expected = {"queued": "queued", "started": "leased", "scheduled": "scheduled", "finished": "done", "failed": "dead"}
    expected |= {"stopped": "dead", "canceled": "dead"}
    for job, status in statuses.items():
        if places[job] and places[job] != [expected.get(status, "")]:
            faults.append(f"{job} says {status!r} and is in {places[job]}")
        if status == "finished" and not results[job]:
            faults.append(f"{job} is finished and has no result")
    return Audit(places, results, faults)


def _everything(client: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    with client.pipeline(transaction=True) as pipe:  # at one moment: a tick of the schedule may begin or end meanwhile
        for key in (keys.LEASES, *(keys.RQ_STARTED + name for name in queues.QUEUES)):
            pipe.zrange(key, 0, -1)
        leased, *started = ([member.rpartition(b":")[0].decode() for member in members] for members in pipe.execute())
    found["leased"], found["wip"] = leased, [job for jobs in started for job in jobs]
    for name in queues.QUEUES:
        found["queued"] += [job.decode() for job in client.lrange(keys.queue(name), 0, -1)]
        found["queued"] += [job.decode() for job in client.lrange(f"{keys.queue(name)}:intermediate", 0, -1)]
        for kind in client.hkeys(keys.LIMITS):
            found["queued"] += [job.decode() for job in client.lrange(keys.blocked(name, kind.decode()), 0, -1)]
        for place, registry in (("scheduled", "scheduled"), ("done", "finished"), ("dead", "failed"), ("dead", "canceled")):
            found[place] += [job.decode() for job in client.zrange(f"{keys.RQ}{registry}:{name}", 0, -1)]
    return found


def _records(client: Any, ids: list[str]) -> tuple[dict[str, str], dict[str, int]]:
    with client.pipeline(transaction=False) as pipe:
        for job in ids:
            pipe.hget(keys.job(job), "status")
            pipe.xrange(f"{keys.RQ}results:{job}")
        rows = pipe.execute()
    statuses = {job: (row or b"").decode() for job, row in zip(ids, rows[::2], strict=True)}
    results = {job: sum(entry[b"type"] == SUCCESSFUL for _, entry in row) for job, row in zip(ids, rows[1::2], strict=True)}
    return statuses, results


def _over(ids: list[str]) -> bool:
    client = connection.client()
    with client.pipeline(transaction=False) as pipe:
        for job in ids:
            pipe.hget(keys.job(job), "status")
        pipe.zcard(keys.LEASES)
        *statuses, leased = pipe.execute()
    return not leased and all(status in (b"finished", b"failed", b"stopped", b"canceled") for status in statuses)


# --- what is known of one job ---


def status(job: str) -> str:
    """Its status, as RQ's hash has it; '' where there is none."""
    return (connection.client().hget(keys.job(job), "status") or b"").decode()


def record(job: str) -> dict[str, str]:
    """The job's hash as text."""
    return {name.decode(): value.decode(errors="replace") for name, value in connection.client().hgetall(keys.job(job)).items()}


def results(job: str) -> list[dict[str, str]]:
    """Its entries in RQ's result stream, oldest first."""
    rows = connection.client().xrange(f"{keys.RQ}results:{job}")
    return [{name.decode(): value.decode() for name, value in entry.items()} for _, entry in rows]


def submit(func: Any, *args: Any, times: int = 1, names: Iterable[str] = (queues.DEFAULT,)) -> list[str]:
    """Submit a job so many times, over these queues in turn; the acknowledged ids."""
    turn = list(names)
    calls = [models.Call(func, args, queue=turn[number % len(turn)]) for number in range(times)]
    return [submission.job_id for submission in queues.submit_many(calls)]


def passed(seconds: float) -> None:
    """Let an outage last so long: the one thing here that is waited for by the clock."""
    start = clock.monotonic()
    until(lambda: seconds_since(start) >= seconds, seconds + patience.HANG_S)


def seconds_since(start: float) -> float:
    """Seconds since `clock.monotonic()` said `start`."""
    return clock.monotonic() - start
