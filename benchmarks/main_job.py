"""Keywords per second of the whole main job, beside a bare loop of threads that does the same work without any queue.

    python benchmarks/main_job.py [--keywords 600] [--threads 16] [--latency-ms 100]

Both fetch from the sandbox provider in a process of its own, then parse, match and store each keyword to disk. The main job adds
the tick, the queues, leases in two worker processes, request slots, claims and rank history in Redis. The last line is the plan
of the source documents: 500 keywords a minute.

What bounds the figures: in the bare loop, the latency over the number of threads. In the main job also the CPU of a check:
parsing, two files with fsync, and eight round trips to Redis.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import clock
import config
import models
from benchmarks import servers
from jobs import serp
from state.engine import counters
from state.tracking import keywords
from state.tracking import projects as stored
from topics.tracking import check, projects

SEEDS_PER_MINUTE = 500
SANDBOX = (
    "import sys; from sandbox import options, server;"
    "server.serve(options.Options(latency_ms=float(sys.argv[1]), domains=('example.com',)), port=int(sys.argv[2]))"
)
WORKER = (
    "import sys; from worker import process, supervisor;"
    "sys.exit(supervisor.run(int(sys.argv[1]), process.Options(threads=int(sys.argv[2]))))"
)
PROCESSES = 2


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keywords", type=int, default=600)
    parser.add_argument("--threads", type=int, default=16, help="threads of the bare loop, and of both worker processes together")
    parser.add_argument("--latency-ms", type=int, default=100)
    args = parser.parse_args()
    with ExitStack() as stack:
        url = stack.enter_context(servers.throw_away())
        data = Path(tempfile.mkdtemp(prefix="trawl-bench-"))
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        port = servers.free_port()
        sandbox = {"serp_provider": "sandbox", "sandbox_url": f"http://127.0.0.1:{port}", "data_dir": data}
        stack.enter_context(config.overridden(redis_url=url, serp_batch_size=args.keywords, **sandbox))
        start(stack, SANDBOX, str(args.latency_ms), str(port))
        servers.wait_for(port)
        projects.add("example.com")
        projects.add_keywords("example.com", [f"benchmark keyword {n}" for n in range(args.keywords)])
        bare = bare_loop(args.threads)
        whole = main_job(stack, args.threads, args.keywords, url, data, port)
    print(f"{args.keywords} keywords, {args.threads} threads, {args.latency_ms} ms a fetch, {os.cpu_count()} cores\n")
    print(f"{'':<34} {'keywords/s':>10} {'ratio':>6}")
    planned = SEEDS_PER_MINUTE / 60
    rows = {"bare threads, no queue": bare, "main job, queue and workers": whole, "source documents (500 a minute)": planned}
    for name, rate in rows.items():
        print(f"{name:<34} {rate:>10.1f} {rate / bare:>6.2f}")


def bare_loop(threads: int) -> float:
    """Keywords per second of threads that only fetch, parse, match and store."""
    using = check.tools()
    project = stored.get("example.com")
    tracked = list(keywords.in_project(project.id))

    def one(keyword: models.Keyword) -> None:
        check.Check(keyword, project, using, nullcontext).run()

    started = clock.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, tracked))
    return len(tracked) / (clock.monotonic() - started)


def main_job(stack: ExitStack, threads: int, count: int, url: str, data: Path, port: int) -> float:
    """Keywords per second from the tick until the last rank is recorded, with workers that are up."""
    env = {"REDIS_URL": url, "DATA_DIR": str(data), "SERP_PROVIDER": "sandbox", "SANDBOX_URL": f"http://127.0.0.1:{port}"}
    start(stack, WORKER, str(PROCESSES), str(threads // PROCESSES), LOG_LEVEL="WARNING", **env)
    servers.until(lambda: servers.worker_count() == PROCESSES)
    started = clock.monotonic()
    taken = serp.enqueue_batch()["total"]
    if taken != count:
        sys.exit(f"the tick took {taken} of {count} keywords")
    servers.until(lambda: counters.counted("scraped", 30) + keywords.failed_count() >= count, within_s=600)
    seconds = clock.monotonic() - started
    if keywords.failed_count():
        sys.exit(f"{keywords.failed_count()} checks failed: the figure would be wrong")
    return count / seconds


def start(stack: ExitStack, code: str, *args: str, **env: str) -> None:
    """A Python process that ends with the stack."""
    command = [sys.executable, "-c", code, *args]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)


if __name__ == "__main__":
    main()
