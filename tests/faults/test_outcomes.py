"""What a job raises or returns is its own affair: it fails once, and the jobs beside it run once and to their end."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

import clock
import queues
from state.store import connection
from tests import patience
from tests.faults import harness, hostile, work
from tests.local.real import until
from worker import inline

pytestmark = pytest.mark.real_redis


@pytest.mark.parametrize("job", [hostile.misbehave, hostile.misbehave_on_loop, hostile.misbehave_apart])
def test_whatever_a_job_raises_or_returns_it_fails_once_and_its_neighbours_run_once(scene: harness.Env, job: Any) -> None:
    innocent = [*harness.submit(work.hold, times=3), *harness.submit(work.nap_on_loop, 3.0, times=3)]
    program = scene.worker(1, 6)
    [worker] = program.workers()
    until(lambda: scene.ledger.count("start") == len(innocent))
    bad = {how: harness.submit(job, how)[0] for how in hostile.EVERY}
    until(lambda: all(harness.status(one) == "failed" for one in bad.values()), 120)
    after = harness.submit(work.nap, 0.0, times=5)
    scene.ledger.let_go()
    scene.settled([*innocent, *after, *bad.values()]).verify()
    assert scene.ledger.runs() == dict.fromkeys([*innocent, *after, *bad.values()], 1)
    assert all(harness.status(one) == "finished" for one in [*innocent, *after])
    assert program.workers() == [worker], "it goes on"
    for how, one in bad.items():
        record = harness.record(one)
        assert len(record["error_message"]) <= 500 and record["error_message"], how
        assert how.startswith("raise") or record["error_category"] == "data", how
        assert sum(len(value) for value in harness.results(one)[0].values()) < 40_000, how
    assert program.stop() == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("how", hostile.EVERY)
def test_the_inline_worker_fails_such_a_job_too(how: str, store: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAWL_TEST_LEDGER", str(tmp_path / "ledger"))
    ids = [queues.submit(job, how).job_id for job in (hostile.misbehave, hostile.misbehave_on_loop, hostile.misbehave_apart)]
    assert inline.run_until_idle() == 3
    assert [harness.status(one) for one in ids] == ["failed"] * 3


def test_an_error_whose_text_takes_for_ever_is_over_with_its_time(scene: harness.Env) -> None:
    innocent = harness.submit(work.hold, times=2)
    program = scene.worker(1, 4)
    [bad] = harness.submit(hostile.speak_for_ever)
    until(lambda: harness.status(bad) == "failed", 30)
    scene.ledger.let_go()
    scene.settled([bad, *innocent]).verify()
    assert harness.record(bad)["failure"] == "timed_out" and scene.ledger.runs() == dict.fromkeys([bad, *innocent], 1)
    assert program.said("was killed") == 0


# --- a settlement that the server does not take -----------------------------------------------------------------------


@pytest.fixture
def narrow(scene: harness.Env) -> Iterator[harness.Env]:
    """A server that takes no argument of more than 1 MB."""
    connection.client().config_set("proto-max-bulk-len", 1 << 20)
    yield scene


def test_a_result_that_the_server_refuses_fails_its_job_and_holds_up_nobody(narrow: harness.Env) -> None:
    program = narrow.worker(1, 4, RESULT_MAX_KB="4096")
    large = harness.submit(hostile.swell, 2048, times=3)
    others = harness.submit(work.nap, 0.0, times=40)
    narrow.settled([*large, *others], 60).verify()
    assert narrow.ledger.runs() == dict.fromkeys([*large, *others], 1)
    assert all(harness.status(job) == "finished" for job in others)
    for job in large:
        assert harness.status(job) == "failed" and "Redis does not take" in harness.record(job)["error_message"]
    later = harness.submit(work.nap, 0.0, times=5)
    narrow.settled(later).verify()
    stopped = clock.monotonic()
    assert program.stop() == 0
    assert harness.seconds_since(stopped) < patience.leeway(10)


def test_a_process_that_is_asked_to_end_while_an_outcome_is_refused_ends(narrow: harness.Env) -> None:
    program = narrow.worker(1, 4, RESULT_MAX_KB="4096", SHUTDOWN_TIMEOUT="30")
    [large] = harness.submit(hostile.swell, 2048)
    until(lambda: program.said("Trying again in"))
    program.send(signal.SIGTERM, [program.pid])
    assert program.process.wait(25) == 0
    assert harness.status(large) == "failed"


def test_a_job_whose_worker_died_over_a_refused_outcome_ends_all_the_same(narrow: harness.Env) -> None:
    first = narrow.worker(1, 4, RESULT_MAX_KB="4096")
    [large] = harness.submit(hostile.swell, 2048)
    until(lambda: first.said("Trying again in"))
    first.close()
    others = harness.submit(work.nap, 0.0, times=10)
    narrow.worker(1, 4, RESULT_MAX_KB="4096")
    narrow.settled([large, *others], 60).verify()
    assert harness.status(large) == "failed" and all(harness.status(job) == "finished" for job in others)


def test_a_result_above_the_limit_fails_its_job_and_says_how_large_it_was(scene: harness.Env) -> None:
    [large, small] = harness.submit(hostile.swell, 2048) + harness.submit(hostile.swell, 900)
    scene.worker(1, 2)
    scene.settled([large, small]).verify()
    assert "its result is 2.0 MB of JSON, at most 1.0 MB" in harness.record(large)["error_message"]
    assert harness.status(small) == "finished"


# --- a job that stops every thread of its process ---------------------------------------------------------------------


def test_a_job_that_jams_its_process_spends_no_rescue_of_those_beside_it(scene: harness.Env) -> None:
    innocent = harness.submit(work.hold, times=3)
    program = scene.worker(1, 5)
    until(lambda: scene.ledger.count("start") == 3)
    [jam] = harness.submit(work.match)
    until(lambda: harness.status(jam) == "failed", 60)
    until(lambda: all(scene.ledger.runs()[job] == 2 for job in innocent))
    scene.ledger.let_go()
    scene.settled([jam, *innocent]).verify()
    assert program.said("No thread of a worker runs any more") == 1
    for job in innocent:
        record = harness.record(job)
        assert (record["status"], record.get("rescues", "0"), record.get("deaths", "0")) == ("finished", "0", "0")
    assert harness.record(jam)["rescues"] == "1"
    assert scene.ledger.runs() == {jam: 2, **dict.fromkeys(innocent, 2)}
