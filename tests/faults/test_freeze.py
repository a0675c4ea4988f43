"""A worker that stood still past its lease (a paused machine, a laptop's lid), and several that take back at once."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from typing import Any

import click
import pytest
import rq
import rq.registry
import rq.serializers
from click.testing import CliRunner

import clock
import config
import manage
import queues
import scheduler
from jobs import scrape
from scheduling import loop
from state.engine import execution_records, leases, rescues
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work
from tests.local.real import until
from tests.state import everything, tracked
from topics.scraping import crawl
from worker import outcomes, rescue

pytestmark = pytest.mark.real_redis

fork = multiprocessing.get_context("fork")

REAPERS = 10
EXPIRED = 100


def test_outcomes_of_a_frozen_worker_are_refused_when_it_thaws(scene: harness.Env) -> None:
    ids = [*harness.submit(work.nap, 2.0), *harness.submit(work.nap_apart, 2.0), *harness.submit(work.walk, 20, 0.1)]
    ids += harness.submit(work.nap_on_loop, 2.0)
    frozen = scene.worker(1)
    until(lambda: scene.ledger.count("start") == len(ids))
    family = frozen.family()
    at = clock.monotonic()
    frozen.send(signal.SIGSTOP, family)
    scene.worker(1)
    until(lambda: scene.ledger.count("start") == 2 * len(ids))
    print(f"second runs {harness.seconds_since(at):.1f} s after the freeze")
    scene.settled(ids).verify()
    records, results = [harness.record(job) for job in ids], [harness.results(job) for job in ids]
    assert all(len(one) == 1 for one in results)
    frozen.send(signal.SIGCONT, family)
    until(lambda: frozen.said("lost lease") >= len(ids))
    others = harness.submit(work.nap, 0.5, times=10)  # more than one worker can run at a time: both have to work
    scene.settled(others).verify()
    assert frozen.workers()[0] in {line.pid for line in scene.ledger.lines("start") if line.job in others}
    harness.audit(ids).verify()
    assert [harness.record(job) for job in ids] == records
    assert [harness.results(job) for job in ids] == results


def test_progress_of_a_run_that_lost_its_lease_writes_nothing(scene: harness.Env) -> None:
    harness.submit(work.nap, 0.0)
    [job] = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, threads=1)).taken
    assert execution_records.write_progress(job, "1") == (True, False)
    assert harness.record(job.id)["progress"] == "1"
    connection.client().zrem(keys.LEASES, job.lease)
    assert execution_records.write_progress(job, "2") == (False, False)
    assert harness.record(job.id)["progress"] == "1"
    connection.client().delete(keys.job(job.id))
    execution_records.write_progress(job, "3")
    assert not connection.client().exists(keys.job(job.id))


def expire(ids: list[str], rescues: int) -> None:
    """Let a worker that nobody knows hold these jobs, and its leases be over."""
    taken = leases.exchange("gone", [], leases.LeaseRequest(rescues + 1, queues.QUEUES, threads=len(ids))).taken
    assert [job.id for job in taken] == ids
    for job in taken:
        connection.client().zadd(keys.LEASES, {job.lease: 1})
        if rescues:
            connection.client().hset(keys.job(job.id), "rescues", rescues)


def reap(url: str, start: Any) -> None:
    """One of several that notice at the same moment."""
    connection.use(connection.connect(url))
    outcomes.on_failure(work.note_failure)  # no test inherits the hooks of its process
    start.wait()
    for _ in range(3):
        rescue.rescue_lost(f"reaper-{os.getpid()}")


def test_ten_that_notice_at_once_take_each_job_back_once(scene: harness.Env) -> None:
    again = harness.submit(work.nap, 0.0, times=EXPIRED // 2)
    expire(again, 0)
    given_up = harness.submit(work.nap, 0.0, times=EXPIRED // 2)
    expire(given_up, rescues.POISON_RESCUES - 1)
    start = fork.Barrier(REAPERS)
    reapers = [fork.Process(target=reap, args=(scene.server.url, start)) for _ in range(REAPERS)]
    for reaper in reapers:
        reaper.start()
    for reaper in reapers:
        reaper.join(patience.HANG_S)
        assert reaper.exitcode == 0
    found = harness.audit(again + given_up)
    found.verify()
    assert found.counts() == {"queued": EXPIRED // 2, "dead": EXPIRED // 2}
    assert sorted(line.job for line in scene.ledger.lines("failure")) == sorted(given_up)


#: Every command that reads → its arguments; JOB and BATCH stand for ids.
READS = {
    "status": [],
    "check": [],
    "doctor": [],
    "schedule list": [],
    "limit list": [],
    "reset_processing_flags": [],
    "project list": [],
    "project show": ["p"],
    "keyword list": ["p"],
    "keyword show": ["word 0", "--project", "p"],
    "keyword history": ["word 0", "--project", "p"],
    "events": [],
    "health": [],
    "history": [],
    "hosts limits": [],
    "hosts list": [],
    "hosts show": ["example.com"],
    "inspect active": [],
    "inspect ping": [],
    "inspect queues": [],
    "inspect stats": [],
    "jobs list": [],
    "jobs progress": ["JOB"],
    "jobs show": ["JOB"],
    "pauses": [],
    "scrape reparse": ["BATCH"],
    "scrape result": ["BATCH"],
    "scrape show": ["BATCH"],
    "stats": [],
    "why": ["JOB"],
    "apikey list": [],
    "user list": [],
    "audit": [],
    "webhook list": [],
    "webhook deliveries": [],
    "project note list": ["p"],
    "project shares": ["p"],
    "keyword day": ["KEYWORD", "2026-01-01"],
    "keyword compare": ["KEYWORD", "2026-01-01", "2026-01-02"],
    "keyword competitors": ["KEYWORD"],
    "failures list": [],
    "schedule runs": ["sweep"],
    "scrape list": [],
    "alerts list": [],
    "alerts rules": [],
    "budget show": [],
    "budget ledger": ["system"],
    "business list": [],
    "business show": ["example.com"],
    "business ask": ["example.com", "Where?"],
    "lead list": [],
    "lead result": ["JOB"],
    "lead show": ["COMPANY"],
    "lead explain": ["COMPANY"],
    "lead top": [],
    "lead model": [],
    "analytics show": ["JOB"],
    "analytics analyze": ["--query", "count"],
    "network list": [],
    "network show": ["1"],
    "forms list": ["1"],
    "forms show": ["1"],
    "policy": [],
    "maintenance reports": [],
}

#: Commands that print JSON of what they did.
WRITES = {"schedule run", "serp batch", "serp check", "serp reparse", "pause", "resume"}
WRITES |= {"jobs cancel", "jobs cleanup", "jobs retry", "jobs bulk", "failures retry"}
WRITES |= {"project share", "business scrape"}
WRITES |= {"lead add", "lead scrape", "lead search", "lead process", "lead import"}
WRITES |= {"lead score", "lead enrich"}
WRITES |= {"analytics report"}
WRITES |= {"maintenance cleanup", "maintenance statistics", "maintenance health-check", "maintenance optimize"}
WRITES |= {"alerts test", "alerts quiet", "alerts show"}  # the last one needs an alert that is open
WRITES |= {"project competitors", "project pages"}  # they count what nobody has counted yet
WRITES |= {"apikey add", "apikey set", "apikey revoke", "webhook add", "webhook test"}
WRITES |= {"export", "import", "backup", "restore"}  # an export leaves a line in the audit
WRITES |= {"scrape url", "scrape batch", "scrape crawl", "scrape map", "scrape replay"}


def with_json(group: click.Group, before: str = "") -> Iterator[str]:
    """Every command that prints JSON when asked."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from with_json(command, f"{before}{name} ")
        elif any("--json" in option.opts for option in command.params):
            yield before + name


def test_reading_changes_nothing(scene: harness.Env) -> None:
    assert set(READS) | WRITES | {"serp export"} == set(with_json(manage.cli)), "one that is missing here is tested nowhere"
    tracked(3)
    loop.Scheduler().register(scheduler.table())
    expire(harness.submit(work.nap, 0.0, times=5), 0)
    job, *_ = harness.submit(work.nap, 0.0, times=5, names=queues.QUEUES)
    batch = crawl.submit_batch(scrape.scrape_batch, ["https://example.com/"]).job_id
    before = everything()
    ids = {"JOB": job, "BATCH": batch}
    reads = [[*name.split(), *(ids.get(one, one) for one in given), "--json"] for name, given in READS.items()]
    with config.overridden(redis_url=scene.server.url):
        for argv in [*reads, ["serp", "export"]]:
            done = CliRunner().invoke(manage.cli, argv, catch_exceptions=False)
            assert done.exit_code in (0, 1, 2) and (done.stdout or done.stderr or argv[0] == "events"), argv
            assert everything() == before, argv
    client = connection.client()
    for queue in rq.Queue.all(connection=client, serializer=rq.serializers.JSONSerializer):
        started = rq.registry.StartedJobRegistry(queue=queue)
        assert len(started.get_job_ids(cleanup=False)) == (5 if queue.name == queues.DEFAULT else 0)
        assert started.get_job_count(cleanup=False) == (5 if queue.name == queues.DEFAULT else 0)
        assert len(queue.get_job_ids()) == queue.count
    rq.Worker.all(connection=client)
    assert everything() == before
