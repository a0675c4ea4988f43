"""The processes: worker, scheduler, the embedded server, all of them at once, the demo and the sandbox."""

from pathlib import Path
from typing import Any

import rich_click as click

SHARE = click.FloatRange(0, 1)


@click.command()
@click.option("--processes", type=click.IntRange(1, 256), metavar="P", help="Processes. [default: WORKERS, or the usable cores]")
@click.option("--threads", type=click.IntRange(1, 1000), metavar="T", help="Jobs at a time in each. [default: WORKER_THREADS]")
@click.option("--coroutines", "--tasks", type=click.IntRange(1, 10_000), help="Async jobs besides. [default: WORKER_COROUTINES]")
@click.option("--prefetch", type=click.IntRange(0, 10_000), metavar="N", help="Jobs taken ahead. [default: WORKER_PREFETCH]")
@click.option("--queues", "names", metavar="A,B", help="Queues to serve, in order. [default: high,default,low]")
@click.option("--weighted/--strict", default=True, help="Of ten jobs 6:3:1 from these, or always the first that has any.")
@click.option("--max-jobs", type=click.IntRange(0), metavar="N", help="Replace a process after N. [default: WORKER_MAX_JOBS]")
@click.option("--max-rss-mb", type=click.IntRange(0), metavar="M", help="Or at M MB. [default: WORKER_MAX_RSS_MB]")
@click.option("--burst", is_flag=True, help="End when the queues are empty.")
def worker(processes: int | None, **given: Any) -> int:
    """Run worker processes until SIGTERM or Ctrl-C."""
    import config
    from worker import process, supervisor

    return supervisor.run(processes or config.settings().worker_processes, process.options(**given))


@click.command()
def scheduler() -> int:
    """Run the scheduler; any number may run at a time."""
    import scheduler as process

    return process.run()


@click.command()
def redis() -> int:
    """Run the embedded Redis of this data folder until Ctrl-C."""
    from local import server

    return server.run_foreground()


@click.command()
def up() -> int:
    """Run everything the Procfile names, with an embedded Redis where REDIS_URL is not set."""
    import config
    from local import up as everything

    return everything.run(config.ROOT / "Procfile")


@click.command()
@click.option("--open", "is_open", is_flag=True, help="Invent 30 days of history, and leave the pages up until Ctrl-C.")
def demo(is_open: bool) -> int:
    """Track 500 keywords on this machine against the sandbox, from nothing to ranks."""
    from local import demo as shown
    from sandbox import past

    return shown.run(past=past.of_demo(shown.SEED, shown.NO_RESULTS) if is_open else None)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen on 127.0.0.1. [default: that of SANDBOX_URL]")
@click.option("--latency-ms", type=click.FloatRange(min=0), help="Wait before each page. [default: SANDBOX_LATENCY_MS]")
@click.option("--seed", type=int, help="Another seed, other results. [default: 0]")
@click.option("--domains", metavar="A,B", help="Hosts that rank for most keywords. [default: example.com and its sisters]")
@click.option("--captcha", type=SHARE, help="Share of pages that are a captcha.")
@click.option("--js-required", type=SHARE, help="Share that are a JavaScript gate.")
@click.option("--consent", type=SHARE, help="Share that are a consent page.")
@click.option("--status-429", type=SHARE, help="Share refused as too many at once.")
@click.option("--status-502", type=SHARE, help="Share that fail.")
@click.option("--no-results", type=SHARE, help="Share of keywords for which nothing is found.")
@click.option("--opaque", type=SHARE, help="Share of pages with opaque links. [default: 0.1]")
@click.option("--credits", type=click.FloatRange(min=0), help="What the account holds. [default: 1000000]")
@click.option("--concurrency", type=click.IntRange(min=1), help="Requests the plan allows at once. [default: 1000]")
@click.option("--replay", type=click.Path(path_type=Path), metavar="FOLDER", help="Serve recorded real pages instead.")
def sandbox(port: int | None, **knobs: Any) -> None:
    """Run the sandbox provider: it speaks like Scrape.do, and its results are invented."""
    from urllib.parse import urlsplit

    import config
    from sandbox import server
    from sandbox.options import Options, split_domains

    settings = config.settings()
    given = {name: value for name, value in knobs.items() if value is not None}
    if "domains" in given:
        given["domains"] = split_domains(given["domains"])
    listens = port or urlsplit(settings.sandbox_url).port or 8089
    server.serve(Options(**{"latency_ms": settings.sandbox_latency_ms, **given}), port=listens, say=click.echo)


COMMANDS = (worker, scheduler, redis, up, demo, sandbox)
