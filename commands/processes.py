"""The processes: worker, scheduler, the embedded server, all of them at once, the demo."""

from typing import Any

import rich_click as click

from commands import sandbox


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


COMMANDS = (worker, scheduler, redis, up, demo, sandbox.sandbox)
