"""A new version is rolled out: workers of the old one lease jobs that only the new one has."""

from datetime import timedelta

import pytest

import clock
from engine import registry
from state.engine import parked
from state.store import connection, keys
from tests.faults import harness, work
from tests.faults.callers import plant
from tests.faults.test_bad_input import burst, quarantined
from tests.state import NOON
from worker import inline, refusals

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
        clock.advance(timedelta(seconds=refusals.AGAIN_S))
        inline.run_until_idle()
        assert harness.status("newer") == "finished" and not quarantined()


def test_what_no_version_has_is_refused_in_the_end() -> None:
    with clock.frozen(NOON):
        plant("gone", data=DATA)
        inline.run_until_idle()
        clock.advance(timedelta(seconds=refusals.ROLLED_OUT_S - 1))
        inline.run_until_idle()
        assert harness.status("gone") == "scheduled" and not quarantined()

        clock.advance(timedelta(seconds=refusals.AGAIN_S))
        inline.run_until_idle()
        assert harness.status("gone") == "failed" and "is not a job" in quarantined()[b"gone"]


def test_the_loop_of_a_worker_process_does_the_same() -> None:
    plant("newer", data=DATA)
    burst()
    assert harness.status("newer") == "scheduled" and not quarantined()
    assert connection.client().hget(keys.job("newer"), "parked_since")
