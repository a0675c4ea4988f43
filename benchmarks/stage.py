"""Starts the contenders of a benchmark, stops them while jobs are submitted, and measures the work (CPU, memory: Linux only)."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import rq

import clock
import queues
from benchmarks import engine_jobs, servers
from state.store import connection, keys

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of some jobs: CPU in ms a job. `trips`: how often Redis read a socket a job. `calls`: scripts a job."""

    jobs: int
    seconds: float
    worker_ms: float
    redis_ms: float = 0.0
    trips: float = 0.0
    calls: float = 0.0

    @property
    def rate(self) -> float:
        """Jobs a second."""
        return self.jobs / self.seconds


class Crew:
    """Processes of one kind, with all their children."""

    def __init__(self, role: str, *args: int | str, count: int = 1, url: str = "") -> None:
        command = [sys.executable, "-c", f"from benchmarks import engine_jobs; engine_jobs.{role}(*{args!r})"]
        env, pipe = {**os.environ, "REDIS_URL": url, "LOG_LEVEL": "ERROR"}, subprocess.PIPE
        self.started = []
        for _ in range(count):
            self.started.append(subprocess.Popen(command, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True))

    def pids(self) -> list[int]:
        """All living processes of the crew."""
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (fields := _stat(int(entry.name))):
                children.setdefault(int(fields[1]), []).append(int(entry.name))
        found, todo = [], [process.pid for process in self.started]
        while todo:
            found.append(todo.pop())
            todo += children.get(found[-1], [])
        return found

    def cpu_s(self) -> float:
        """CPU seconds so far, with those of ended children."""
        return sum(sum(map(int, fields[11:15])) for pid in self.pids() if (fields := _stat(pid))) / TICKS

    def memory_mb(self) -> tuple[float, float]:
        """Resident memory, and the same with shared pages counted once (PSS)."""
        rss = pss = 0
        for pid in self.pids():
            with suppress(OSError):
                rss += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_SIZE
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                pss += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        return rss / 1e6, pss / 1e6

    def send(self, signum: int) -> None:
        """Send a signal to every process."""
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signum)

    def round(self, jobs: int) -> Cost:
        """Let bare loops do one round."""
        cpu, begun = self.cpu_s(), clock.monotonic()
        for process in self.started:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        self.hear("done")
        seconds = clock.monotonic() - begun
        return Cost(jobs, seconds, (self.cpu_s() - cpu) * 1000 / jobs)

    def hear(self, word: str) -> None:
        """Wait until every process has written that word."""
        for process in self.started:
            assert process.stdout
            if process.stdout.readline().strip() != word:
                sys.exit(f"a process ended instead of saying {word!r}")

    def end(self) -> None:
        """Stop the processes: ask first, then kill."""
        for process in self.started:
            process.terminate()
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass(frozen=True, slots=True)
class Kind:
    """A worker to compare: how it starts, how jobs are submitted (function, argument, count), how many register."""

    name: str
    role: str
    args: tuple[int, ...]
    queue: str
    workers: int
    lay: Callable[[Callable[..., object], Sequence[object]], list[str]]
    count: int = 1  # processes started side by side


def lay_ours(func: Callable[..., object], arguments: Sequence[object]) -> list[str]:
    """Submit one call for each argument."""
    return [made.job_id for made in queues.submit_many([(func, argument) for argument in arguments])]


def lay_stock(func: Callable[..., object], arguments: Sequence[object]) -> list[str]:
    """Submit with RQ's own bulk call."""
    redis, made = connection.client(), []
    for at in range(0, len(arguments), 1000):
        with redis.pipeline() as pipe:
            calls = [rq.Queue.prepare_data(func, (argument,)) for argument in arguments[at : at + 1000]]
            made += rq.Queue(engine_jobs.STOCK, connection=redis).enqueue_many(calls, pipeline=pipe)
            pipe.execute()
    return [str(job.id) for job in made]


def ours(processes: int, threads: int, tasks: int = 1) -> Kind:
    """This engine."""
    name = f"Trawl, {processes} x {tasks} coroutines" if tasks > 1 else f"Trawl, {processes} x {threads} threads"
    return Kind(name, "engine", (processes, threads, tasks), queues.DEFAULT, processes, lay_ours)


FORKING = Kind("RQ Worker (forks)", "stock_forking", (), engine_jobs.STOCK, 1, lay_stock)
SIMPLE = Kind("RQ SimpleWorker", "stock_simple", (), engine_jobs.STOCK, 1, lay_stock)


@contextmanager
def at_work(kind: Kind, url: str) -> Iterator[Crew]:
    """The workers of that kind on an empty server, warm: each process has run jobs."""
    connection.client().flushall()
    crew = Crew(kind.role, *kind.args, count=kind.count, url=url)
    try:
        servers.until(lambda: servers.worker_count() == kind.workers)
        kind.lay(engine_jobs.noop, range(200 if kind.lay is lay_ours else 5 * kind.count))
        servers.until(lambda: waiting(kind) == 0 and connection.client().zcard(keys.RQ_STARTED + kind.queue) == 0)
        clock.wait(0.3)
        yield crew
    finally:
        crew.end()


def waiting(kind: Kind) -> int:
    """Jobs in its queue."""
    return int(connection.client().llen(keys.queue(kind.queue)))


def finished(kind: Kind) -> int:
    """Jobs that have a result."""
    return int(connection.client().zcard(f"{keys.RQ}finished:{kind.queue}"))


def drain(crew: Crew, kind: Kind, func: Callable[..., object], arguments: Sequence[object], enough: int = 0) -> Cost:
    """Submit jobs while the workers are stopped. Returns the cost of all jobs (or the first `enough`), with results stored."""
    redis, before = connection.client(), finished(kind)
    crew.send(signal.SIGSTOP)
    kind.lay(func, arguments)
    jobs = enough or len(arguments)
    redis.config_resetstat()
    cpu, theirs, begun = crew.cpu_s(), redis_cpu_s(), clock.monotonic()
    crew.send(signal.SIGCONT)
    looks = 0
    while (done := finished(kind) - before) < jobs:
        looks += 1
        clock.wait(0.01)
        if clock.monotonic() - begun > 120:
            sys.exit(f"{kind.name}: not done after two minutes; the benchmark cannot go on")
    seconds, used = clock.monotonic() - begun, crew.cpu_s() - cpu
    stats, reads = redis.info("commandstats"), redis.info("stats")["total_reads_processed"] - looks
    calls = stats.get("cmdstat_evalsha", {}).get("calls", 0)
    return Cost(done, seconds, used * 1000 / done, (redis_cpu_s() - theirs) * 1000 / done, reads / done, calls / done)


def redis_cpu_s() -> float:
    """CPU seconds of the server so far."""
    info = connection.client().info("cpu")
    return float(info["used_cpu_user"] + info["used_cpu_sys"])


def median(costs: Sequence[Cost]) -> Cost:
    """The round in the middle."""
    return sorted(costs, key=lambda cost: cost.rate)[len(costs) // 2]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
