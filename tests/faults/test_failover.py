"""The primary dies, stands still or is cut off behind real sentinels: everything follows, and each acknowledged job is found."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
import rq.command

import clock
import config
import models
import queues
from doctor import examination
from errors import StoreUnreachable, TrawlError, Unconfirmed
from state.engine import heartbeats
from state.store import connection, keys, replication
from tests.faults import audit, harness, sentinels, work
from tests.local.real import environment, until

pytestmark = pytest.mark.real_redis

#: From the promotion to the first job that is done after it.
RECOVERED_S = 10.0

#: From the end of a run to its settlement, on a busy machine: who ended so shortly before counts as in hand.
IN_HAND_S = 5.0

#: Replicas are asked for, and one that is silent for a second does not count.
GUARDED = {"min-replicas-to-write": "1", "min-replicas-max-lag": "2"}


@contextmanager
def failing_over(folder: Path, **options: object) -> Iterator[tuple[harness.Env, sentinels.Group]]:
    """A field whose server is a group behind sentinels, named by the settings of this process too."""
    group = sentinels.Group(**options)  # type: ignore[arg-type]
    with harness.opened(folder, group) as scene, config.overridden(redis_url=group.url):  # type: ignore[arg-type]
        yield scene, group


@dataclass
class Submitter:
    """Submits without a break, each call with a dedup key; what was refused is submitted again until it is acknowledged."""

    acked: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    unexpected: list[BaseException] = field(default_factory=list)
    stopping: bool = False

    def run(self) -> None:
        """Until it is told to stop."""
        number = 0
        try:
            while not self.stopping:
                number += 1
                self._submit(f"load:{os.getpid()}-{id(self)}-{number}", queues.QUEUES[number % 3])
                clock.wait(0.005)
        except BaseException as exc:
            self.unexpected.append(exc)

    def _submit(self, key: str, queue: str) -> None:
        while True:
            try:
                made = queues.submit(work.nap, 0.05, dedup_key=key, queue=queue)
            except TrawlError as exc:
                assert exc.retryable, exc
                self.errors.append(str(exc))
                clock.wait(0.05)
            else:
                self.acked[made.job_id] = clock.monotonic()
                return


@contextmanager
def load(submitters: int = 3) -> Iterator[list[Submitter]]:
    """So many submitters at work; afterwards each has ended, and none of anything but a refusal that may be repeated."""
    made = [Submitter() for _ in range(submitters)]
    threads = [threading.Thread(target=one.run) for one in made]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        for one in made:
            one.stopping = True
        for thread in threads:
            thread.join(120)
    assert [exc for one in made for exc in one.unexpected] == []


def acked(submitters: list[Submitter]) -> dict[str, float]:
    return {job: at for one in submitters for job, at in one.acked.items()}


def split(ids: dict[str, float]) -> tuple[list[str], list[str]]:
    """Which of these jobs the store knows, and which it has lost."""
    lost = [job for job in ids if not harness.status(job)]
    return [job for job in ids if job not in set(lost)], lost


def fail_over(group: sentinels.Group, signum: int, scene: harness.Env) -> tuple[sentinels.Node, float, float, float]:
    """Strike the primary: it, when that was, when another one was promoted, and when the first job was done after that."""
    old = group.primary()
    struck = clock.monotonic()
    old.send(signum)
    promoted = group.promoted(old.port)
    until(lambda: any(line.at > promoted for line in scene.ledger.lines("end")), 60)
    first = min(line.at for line in scene.ledger.lines("end") if line.at > promoted)
    return old, struck, promoted, first


def in_hand(scene: harness.Env, submitters: list[Submitter], struck: float, until_at: float) -> set[str]:
    """Jobs that were begun, and not surely settled in what the replica had.

    It had all that came before the last job acknowledged by the old primary that it knows.
    """
    replicated_at = max(at for job, at in acked(submitters).items() if at < struck and harness.status(job))
    starts = {line.job for line in scene.ledger.lines("start") if line.at < until_at}
    ended = {line.job for line in scene.ledger.lines("end") if line.at < replicated_at - IN_HAND_S}
    return starts - ended


def twice(scene: harness.Env) -> set[str]:
    return {job for job, times in scene.ledger.runs().items() if times > 1}


@pytest.mark.parametrize("guarded", [False, True], ids=["plain", "confirmed by a replica"])
def test_a_killed_primary_under_load_ends_no_process_and_work_goes_on_soon_after_the_promotion(
    tmp_path: Path, store: object, guarded: bool
) -> None:
    replicas = 1 if guarded else 0
    with failing_over(tmp_path, settings=GUARDED if guarded else {}) as (scene, group):
        program = scene.worker(2, 10)
        scheduler = scene.program("scheduler", TRAWL_TEST_TABLE=json.dumps([audit.row("tick", 1, missed="all")]))
        until(lambda: scheduler.said("Scheduler is up"))
        pids = program.workers()
        with config.overridden(submit_wait_replicas=replicas), load() as submitters:
            until(lambda: scene.ledger.count("end") > 200, 60)
            old, struck, promoted, first = fail_over(group, signal.SIGKILL, scene)
            enough = scene.ledger.count("end") + 200
            until(lambda: scene.ledger.count("end") > enough, 60)
        ids = acked(submitters)
        kept, lost = split(ids)
        found = scene.settled(kept, 60)

        print(f"promoted after {promoted - struck:.2f} s, first job done {first - promoted:.2f} s later")
        print(f"{len(ids):,} acknowledged, {len(lost)} lost, {len(twice(scene))} run twice")
        assert first - promoted <= RECOVERED_S
        assert program.workers() == pids and scheduler.process.poll() is None
        found.verify()
        assert set(found.committed.values()) == {1}
        assert not (guarded and lost)
        for job in sorted(twice(scene))[:40]:
            told = " ".join(f"{line.what} {line.at - struck:+.2f} ({line.pid})" for line in scene.ledger.lines(job=job))
            print(f"{job[:8]} {told}")
        assert twice(scene) <= in_hand(scene, submitters, struck, first + RECOVERED_S) | set(lost)
        back_at = clock.now()
        until(lambda: (beat := heartbeats.last_beat("scheduler")) and beat > back_at)

        old.start()
        until(lambda: group.follows(old), 60)
        more = harness.submit(work.nap, 0.0, times=50)
        scene.settled(more).verify()
        assert scene.ledger.runs().keys() >= set(more)


def test_a_job_that_no_replica_has_is_an_error_that_may_be_repeated_and_the_repeat_is_the_same_job(
    tmp_path: Path, store: object
) -> None:
    quiet = {"submit_wait_replicas": 1, "submit_wait_timeout": 0.2}
    with failing_over(tmp_path) as (_, group), config.overridden(**quiet):
        first = until(lambda: confirmed("some:work"))
        for node in group.stores[1:]:
            node.send(signal.SIGSTOP)

        with pytest.raises(Unconfirmed, match="0 of 1 replicas") as one:
            queues.submit(work.nap, 0.0, dedup_key="other:work")
        with pytest.raises(Unconfirmed) as again:
            connection.client().connection_pool.disconnect()  # a connection that wrote nothing itself
            queues.submit(work.nap, 0.0, dedup_key="other:work")
        with pytest.raises(Unconfirmed) as many:
            queues.submit_many(
                [models.Call(work.nap, (0.0,), dedup_key=key) for key in ("some:work", "other:work", "third:work")]
            )
        for node in group.stores[1:]:
            node.send(signal.SIGCONT)

        assert one.value.retryable and one.value.job_ids == again.value.job_ids and len(one.value.job_ids) == 1
        assert many.value.job_ids[:2] == [first, *one.value.job_ids]
        made = until(lambda: confirmed("other:work"), 30)
        assert made == one.value.job_ids[0]
        assert connection.client().llen(keys.queue(queues.DEFAULT)) == 3


def confirmed(key: str) -> str:
    """The id a submit returns; '' while no replica has it."""
    try:
        return queues.submit(work.nap, 0.0, dedup_key=key).job_id
    except Unconfirmed:
        return ""


def test_what_replication_lost_leaves_nothing_torn_and_the_doctor_tells_of_it(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path) as (scene, group):
        program = scene.worker(1, 8)
        scheduler = scene.program("scheduler", TRAWL_TEST_TABLE=json.dumps([audit.row("tick", 1, missed="all")]))
        until(lambda: ticks(scene))
        before = harness.submit(work.nap, 0.0, times=30)
        scene.settled(before)
        held = harness.submit(work.hold, times=3)
        until(lambda: {line.job for line in scene.ledger.lines("start")} >= set(held))
        claimed = [queues.submit(work.nap, 0.0, dedup_key=f"claimed:{number}", delay_s=3).job_id for number in range(5)]
        replicated(group)

        group.cut_replicas_off()
        after = [queues.submit(work.nap, 0.0, dedup_key=f"lost:{number}").job_id for number in range(30)]
        until(lambda: {line.job for line in scene.ledger.lines("end")} >= set(after))
        seen = ticks(scene)
        until(lambda: ticks(scene) > seen)
        group.lose_the_primary()
        until(lambda: retried(lambda: harness.submit(work.nap, 0.0)), 60)
        report = examination.examine(repair=False)
        repaired = examination.examine(repair=True)

        print({name: tally.count for name, tally in report.found.items() if tally.count}, report.notes)
        assert any("Fail-over" in note and "jobs submitted in its last moments may be missing" in note for note in report.notes)
        assert not any(tally.count for tally in repaired.found.values()) and not repaired.broken
        scene.ledger.let_go()
        found = scene.settled([*before, *held, *claimed], 60)
        found.verify()
        assert set(found.committed.values()) == {1}
        assert not any(harness.status(job) for job in after), "they were acknowledged, ran, and are unknown"
        assert twice(scene) <= ticks(scene), "an occurrence that was lost is queued again, for the same due time"
        again = [queues.submit(work.nap, 0.0, dedup_key=f"lost:{number}").job_id for number in range(30)]
        scene.settled(again).verify()
        assert examination.examine(repair=False).is_right
        assert program.process.poll() is None and scheduler.process.poll() is None


def ticks(scene: harness.Env) -> set[str]:
    """Occurrences of the schedule that were begun."""
    return {line.job for line in scene.ledger.lines("start") if line.job.startswith("schedule-")}


def replicated(group: sentinels.Group) -> None:
    """Wait until both replicas have all that was written so far."""
    until(lambda: connection.client().wait(2, 200) == 2)


def test_rqs_commands_reach_a_worker_that_followed_the_primary(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path) as (scene, group):
        scene.worker(1, 2)
        old = group.primary()
        old.send(signal.SIGKILL)
        group.promoted(old.port)
        [job] = until(lambda: retried(lambda: harness.submit(work.walk, 600, 0.1)), 60)
        until(lambda: scene.ledger.lines("start", job))
        until(lambda: connection.client().pubsub_numsub(*names_of_channels())[0][1])

        rq.command.send_stop_job_command(connection.client(), job)

        until(lambda: harness.status(job) == "stopped")


def names_of_channels() -> list[str]:
    """The channel of the one living worker."""
    [name] = [key.decode().removeprefix(keys.RQ_WORKER) for key in connection.client().smembers(keys.RQ_WORKERS)]
    return [f"{keys.RQ_PUBSUB}{name}"]


def retried(call: Callable[[], list[str]]) -> list[str]:
    """What it returns; [] while no primary is there."""
    try:
        return call()
    except StoreUnreachable:
        return []


def test_a_primary_that_was_cut_off_and_comes_back_takes_no_write(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path, settings=GUARDED) as (scene, group):
        program = scene.worker(1, 5)
        pids = program.workers()
        with load(1) as submitters:
            until(lambda: scene.ledger.count("end") > 20)
            old, struck, _, first = fail_over(group, signal.SIGSTOP, scene)
            before = set(acked(submitters))
            old.send(signal.SIGCONT)
            answers = []
            with redis.Redis(port=old.port, socket_timeout=5) as direct:  # no client of ours: led by nobody
                while not group.follows(old):
                    try:
                        direct.set("trawl:written-to-the-old-primary", 1)
                        answers.append("written")
                    except redis.RedisError as exc:
                        answers.append(str(exc).partition(" ")[0])
                    clock.wait(0.02)
            until(lambda: len(acked(submitters)) > len(before) + 50, 60)
        kept, lost = split(acked(submitters))
        found = scene.settled(kept, 60)

        found.verify()
        print(f"the old primary answered {sorted(set(answers))}; {len(lost)} of {len(kept)} lost")
        assert "written" not in answers
        assert not connection.client().exists("trawl:written-to-the-old-primary")
        assert set(found.committed.values()) == {1} and program.workers() == pids
        assert twice(scene) <= in_hand(scene, submitters, struck, first + RECOVERED_S)


def test_a_worker_and_a_scheduler_that_start_during_a_fail_over_wait_for_its_end(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path) as (scene, group):
        old = group.primary()
        old.send(signal.SIGKILL)
        program, scheduler = scene.program("worker", "--processes", "1"), scene.program("scheduler")
        group.promoted(old.port)
        until(lambda: program.said("Ready to process jobs") and scheduler.said("Scheduler is up"), 60)
        assert "Traceback" not in program.log.read_text() + scheduler.log.read_text()


def test_without_any_primary_processes_live_and_say_so_a_few_times_a_minute(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path) as (scene, group):
        program, scheduler = scene.worker(1, 2), scene.program("scheduler")
        until(lambda: scheduler.said("Scheduler is up"))
        for node in group.stores:
            node.send(signal.SIGKILL)
        until(lambda: all(one.said("sees it down") for one in (program, scheduler)), 60)
        said = [one.said("Trying again") for one in (program, scheduler)]
        harness.passed(10)
        more = [one.said("Trying again") - before for one, before in zip((program, scheduler), said, strict=True)]
        assert max(more) <= 10, f"{more} lines in 10 s"
        assert program.process.poll() is None and scheduler.process.poll() is None
        assert "Traceback" not in program.log.read_text() + scheduler.log.read_text()
        assert program.stop() == 0


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_passwords_of_both_and_tls_are_used_and_check_names_primary_and_sentinels(
    tmp_path: Path, store: object, is_tls: bool
) -> None:
    with failing_over(tmp_path, password="p@ss", sentinel_password="spw", is_tls=is_tls) as (_, group):
        told = manage("check", group.url)
        primary = f"primary 127.0.0.1:{group.stores[0].port}"
        assert primary in told and all(f"127.0.0.1:{node.port}" in told for node in group.sentinels)
        tls = f" --tls --cacert {group.home / 'cert'}" if is_tls else ""
        cli = f"redis-cli -h 127.0.0.1 -p {group.stores[0].port}{tls} --askpass"
        assert f"{cli} CONFIG SET {replication.MIN_REPLICAS} 1" in told and "spw" not in told and "p@ss" not in told
        old = group.primary()
        old.send(signal.SIGKILL)
        group.promoted(old.port)
        until(lambda: retried(lambda: harness.submit(work.nap, 0.0)), 60)
        assert f"primary 127.0.0.1:{group.named()}" in manage("status", group.url)
        assert f"127.0.0.1:{group.named()} is the primary" in manage("doctor", group.url)


def test_a_user_of_the_sentinels_needs_one_right_and_its_lack_is_told(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path) as (_, group):
        for node in group.sentinels:
            group.ask(node.port, "ACL", "SETUSER", "none", "on", ">pw", "-@all", "+auth", "+hello", "+ping")
            group.ask(node.port, "ACL", "SETUSER", "one", "on", ">pw", "-@all", "+auth", "+hello", "+ping", "+sentinel|master")
        assert "redis memory" in manage("status", f"{group.url}?sentinel_username=one&sentinel_password=pw")
        told = manage("status", f"{group.url}?sentinel_username=none&sentinel_password=pw")
        cli = f"redis-cli -h 127.0.0.1 -p {group.sentinels[0].port} --user none --askpass"
        assert f"{cli} ACL SETUSER <user> '+sentinel|master'" in told, told


def test_a_certificate_that_is_not_known_is_the_reason_that_is_told(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path, is_tls=True) as (_, group):
        bare = group.url.partition("?")[0]
        told = manage("status", bare)
        assert "self-signed" in told and "name its authority's file with ?ssl_ca_certs=" in told, told
        assert "redis memory" in manage("status", f"{bare}?ssl_cert_reqs=CERT_NONE")


def test_each_way_not_to_find_a_primary_is_one_line_with_its_remedy(tmp_path: Path, store: object) -> None:
    with failing_over(tmp_path, password="pw", sentinel_password="spw") as (_, group):
        store_alone = f"redis+sentinel://:pw@127.0.0.1:{group.stores[0].port}/{sentinels.NAME}?sentinel_password=pw"
        refused = {
            group.url.replace("spw", "no"): "set ?sentinel_password=",
            group.url.replace(":pw@", ":no@"): "refuses the password",
            group.url.replace(sentinels.NAME, "other"): f"-p {group.sentinels[0].port} --askpass SENTINEL MASTERS",
            group.url.replace("redis+", "rediss+"): "sentinel_ssl=false",
            store_alone: "name the sentinels, not the store",
            "redis+sentinel://127.0.0.1:1,127.0.0.1:2/x": "start the sentinels",
            "redis+sentinel://no.such.host.invalid/x": "start the sentinels",
            "redis+sentinel://127.0.0.1:1": "must name the primary",
            "redis+sentinel://127.0.0.1:1/x?no_such_option=1": "no_such_option",
            "sentinel://127.0.0.1:26379": "redis+sentinel://host:26379",
        }
        for url, remedy in refused.items():
            told = manage("status", url)
            assert remedy in told and told.startswith("Error: ") and told.count("\n") == 1, (url, told)
            assert "Traceback" not in told and "spw" not in told

        for node in group.stores:
            node.send(signal.SIGKILL)
        told = manage("status", group.url)
        assert "sees it down" in told or "cannot be reached" in told, told
        assert told.startswith("Error: ") and told.count("\n") == 1


def manage(command: str, url: str) -> str:
    """What a command prints with this REDIS_URL, errors included."""
    env = environment({"REDIS_URL": url})
    run = [sys.executable, "manage.py", command]
    done = subprocess.run(run, cwd=config.ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout + done.stderr
