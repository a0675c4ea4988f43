"""An account that cannot pay is found before a page is bought; fetching stops with one message and goes on by itself."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

import clock
import config
import errors
from clients.serp import ProviderHealth
from jobs import serp
from sandbox.server import Sandbox
from state.engine import dedup
from state.store import connection, keys
from state.tracking import halts, history, keywords
from tests import fakes
from tests.state import NOON, audit, tracked
from topics.tracking import account, check
from worker import inline

WELL = ProviderHealth(
    active=True, concurrency=5, free_concurrency=5, monthly_credits=1000, remaining_credits=500, page_credits=25
)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def bought() -> Iterator[Sandbox]:
    """A provider with a token and credits for four pages, as the settings name it."""
    settings = {"serp_provider": "scrapedo", "scrapedo_token": SecretStr("right")}
    with Sandbox(token="right", credits=100) as sandbox, config.overridden(scrapedo_url=sandbox.url, **settings):
        check.tools.cache_clear()
        yield sandbox


def pages_of(sandbox: Sandbox) -> list[int]:
    """Status of each page that was asked for."""
    return [request.status for request in sandbox.requests if request.path == "/"]


def failed_jobs() -> int:
    return sum(connection.client().zcard(f"{keys.RQ_FAILED}{queue}") for queue in ("high", "default"))


@pytest.mark.parametrize(
    ("health", "says"),
    [
        (replace(WELL, active=False), "is not active"),
        (replace(WELL, remaining_credits=0), "0 credits left, and a page costs 25"),
        (replace(WELL, remaining_credits=24.9), "buy credits"),
    ],
)
def test_an_account_that_cannot_pay_for_one_page_is_out_of_credits(health: ProviderHealth, says: str) -> None:
    provider = fakes.Provider()
    provider.probe = lambda: health  # type: ignore[method-assign]
    with pytest.raises(errors.OutOfCredits, match=says):
        account.verify(provider)
    provider.probe = lambda: WELL  # type: ignore[method-assign]
    assert account.verify(provider) == WELL


@pytest.mark.parametrize("answer", [errors.NetworkError("away"), errors.ProviderBusy("429"), errors.DataError("strange")])
def test_an_account_that_cannot_be_asked_stops_nothing_and_is_asked_once_a_minute(answer: Exception) -> None:
    asked: list[int] = []

    def probe() -> ProviderHealth:
        asked.append(1)
        raise answer

    provider = fakes.Provider()
    provider.probe = probe  # type: ignore[method-assign]
    for _ in range(3):
        account.verify_sometimes(provider)
    assert len(asked) == 1
    clock.advance(timedelta(minutes=1))
    account.verify_sometimes(provider)
    assert len(asked) == 2


def test_an_empty_account_is_found_before_the_first_page(bought: Sandbox) -> None:
    tracked(3)
    bought.responder.credits = 0
    serp.enqueue_batch()
    inline.run_until_idle()
    halt = halts.halted()
    assert halt and "0 credits left" in halt.reason and pages_of(bought) == [] and failed_jobs() == 0


def test_credits_that_end_stop_fetching_with_one_message_and_no_failed_job(
    bought: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    ids = tracked(10)
    serp.enqueue_batch()
    inline.run_until_idle()
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1 and warnings[0].startswith("Fetching is halted: ")
    assert pages_of(bought) == [200, 200, 200, 200, 401] and failed_jobs() == 0 == keywords.failed_count()
    assert dedup.count() == 0 and sum(len(history.of(word)) for word in ids) == 4
    audit()


def test_checks_that_were_in_flight_when_another_one_was_refused_are_quiet(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [word] = tracked()

    def refused_meanwhile(text: str, start: int) -> Exception:
        halts.halt("scrapedo", "no credits")
        return errors.OutOfCredits("no credits for us either")

    fakes.use(monkeypatch, refused_meanwhile)
    assert serp.track_keyword(word) == {"outcome": "halted", "reason": "no credits for us either"}
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert keywords.get(word).failures == 0 and dedup.count() == 0 and history.of(word) == []


def test_fetching_goes_on_by_itself_when_credits_are_back(bought: Sandbox) -> None:
    ids = tracked(10)
    serp.enqueue_batch()
    inline.run_until_idle()
    for _ in range(10):
        clock.advance(timedelta(minutes=1))
        assert serp.enqueue_batch()["outcome"] == "halted"
    asked = [request.path for request in bought.requests].count("/info")
    assert 3 <= asked <= 5, "asked every few minutes, for free"
    bought.responder.credits = 10_000
    clock.advance(timedelta(seconds=account.HALTED_EVERY_S))
    assert serp.enqueue_batch()["total"] == 6
    inline.run_until_idle()
    assert all(len(history.of(word)) == 1 for word in ids) and halts.halted() is None


def test_fetching_goes_on_at_once_when_somebody_says_so(bought: Sandbox) -> None:
    tracked(10)
    serp.enqueue_batch()
    inline.run_until_idle()
    bought.responder.credits = 10_000
    assert serp.enqueue_batch()["outcome"] == "halted", "a halt is asked about after a few minutes"
    halts.resume()
    assert serp.enqueue_batch()["total"] == 6


def test_a_halt_is_kept_as_long_as_we_are_refused_and_runs_out_where_nobody_answers(bought: Sandbox) -> None:
    bought.responder.credits = 0
    halts.halt("scrapedo", "no credits")
    redis: Any = connection.client()
    redis.expire(keys.HALTED, 60)
    clock.advance(timedelta(minutes=5))
    serp.enqueue_batch()
    assert redis.ttl(keys.HALTED) > 800
    redis.expire(keys.HALTED, 60)
    clock.advance(timedelta(minutes=5))
    with config.overridden(scrapedo_url="http://127.0.0.1:1"):
        serp.enqueue_batch()
    assert redis.ttl(keys.HALTED) <= 60


def test_a_bad_token_that_was_corrected_ends_the_halt(bought: Sandbox) -> None:
    [word] = tracked()
    with config.overridden(scrapedo_token=SecretStr("wrong")):
        check.tools.cache_clear()
        serp.enqueue_batch()
        inline.run_until_idle()
        halt = halts.halted()
        assert halt and "Correct SCRAPEDO_TOKEN" in halt.reason and pages_of(bought) == []
        clock.advance(timedelta(minutes=5))
        assert serp.enqueue_batch()["outcome"] == "halted"
    clock.advance(timedelta(minutes=5))
    check.tools.cache_clear()
    assert serp.enqueue_batch()["total"] == 1
    inline.run_until_idle()
    assert len(history.of(word)) == 1


def test_a_store_that_takes_no_object_keeps_the_halt_though_the_account_is_well(bought: Sandbox, tmp_path: Any) -> None:
    (tmp_path / "file").write_text("")
    halts.halt("scrapedo", "There is no bucket")
    clock.advance(timedelta(minutes=5))
    with config.overridden(data_dir=tmp_path / "file"):
        assert serp.enqueue_batch()["outcome"] == "halted"
    clock.advance(timedelta(minutes=5))
    assert serp.enqueue_batch()["outcome"] == "enqueued"
