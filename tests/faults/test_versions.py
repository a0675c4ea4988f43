"""A new version is rolled out: workers of the old one lease jobs that only the new one has."""

from collections.abc import Callable
from datetime import timedelta

import pytest

import clock
from engine import registry
from state.engine import parked
from state.store import connection, keys
from tests.faults import harness, work
from tests.faults.callers import plant
from tests.faults.test_bad_input import burst, quarantined
from tests.local.real import until
from tests.state import NOON
from worker import inline, rollout

NEW = "jobs.serp.of_the_next_version"
DATA = f'["{NEW}",null,[0],{{}}]'


def test_a_job_of_another_version_waits_for_a_worker_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen(NOON):
        plant("newer", data=DATA)
        inline.run_until_idle()
        assert harness.status("newer") == "scheduled" and not quarantined()
        assert list(parked.counts()) == [f"no job of this worker's version: {NEW}"]

        monkeypatch.setitem(registry._functions, NEW, abs)
        monkeypatch.setitem(registry._specs, NEW, registry.spec_of(work.nap))
        clock.advance(timedelta(seconds=rollout.AGAIN_S))
        inline.run_until_idle()
        assert harness.status("newer") == "finished" and not quarantined()


def test_what_no_version_has_is_refused_in_the_end() -> None:
    with clock.frozen(NOON):
        plant("gone", data=DATA)
        inline.run_until_idle()
        clock.advance(timedelta(seconds=rollout.ROLLED_OUT_S - 1))
        inline.run_until_idle()
        assert harness.status("gone") == "scheduled" and not quarantined()

        clock.advance(timedelta(seconds=rollout.AGAIN_S))
        inline.run_until_idle()
        assert harness.status("gone") == "failed" and "is not a job" in quarantined()[b"gone"]


def test_the_loop_of_a_worker_process_does_the_same() -> None:
    plant("newer", data=DATA)
    burst()
    assert harness.status("newer") == "scheduled" and not quarantined()
    assert connection.client().hget(keys.job("newer"), "parked_since")


FITS_NO_MORE = (
    (work.nap, '[0], {"of_the_next_version": true}'),
    (work.nap_on_loop, "[0, 1, 2], {}"),
    (work.nap_apart, "[], {}"),
)


@pytest.mark.parametrize(("func", "arguments"), FITS_NO_MORE, ids=lambda one: getattr(one, "__name__", ""))
def test_arguments_of_another_version_wait_as_well(func: Callable[..., object], arguments: str) -> None:
    path = f"{work.__name__}.{func.__name__}"
    with clock.frozen(NOON):
        plant("newer", data=f'["{path}", null, {arguments}]')
        inline.run_until_idle()
        assert harness.status("newer") == "scheduled" and not connection.client().hget(keys.job("newer"), "attempt")
        assert list(parked.counts()) == [f"its arguments do not fit this worker's version: {path}"]

        clock.advance(timedelta(seconds=rollout.ROLLED_OUT_S))
        inline.run_until_idle()
        assert harness.status("newer") == "failed" and "argument" in harness.record("newer")["error_message"]


def test_a_type_error_of_the_job_itself_is_no_other_version() -> None:
    with clock.frozen(NOON):
        [job] = harness.submit(work.nap, "soon")
        inline.run_until_idle()
        assert harness.status(job) == "failed" and not parked.counts()


@pytest.mark.real_redis
def test_a_worker_process_parks_them_too(scene: harness.Env) -> None:
    for number, (func, arguments) in enumerate(FITS_NO_MORE):
        plant(f"newer-{number}", data=f'["{work.__name__}.{func.__name__}", null, {arguments}]')
    scene.worker(1, 2)
    until(lambda: len(parked.counts()) == len(FITS_NO_MORE))
