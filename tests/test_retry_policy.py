"""The table of retries: as shipped it says what errors.py says, a file of one's own wins, mistakes name their line."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import config
import errors
import models
import queues
from engine import retry_policy, retry_rows
from engine.retry_policy import Rule
from state.engine import leases
from state.scraping import frontier
from topics.scraping import outcomes as scraping
from topics.scraping.config import ScrapingConfig
from topics.tracking import claimed_check
from worker import outcomes, preload, raised

DEFAULT = "[default]\nretries = 3\nfirst_wait_s = 60\nfactor = 2\ncap_s = 3600\njitter = 1\n"


@queues.job(kind="policed", retries=3)
def policed() -> None:
    """A job."""


PATH = f"{__name__}.policed"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "policy.toml"
    with config.overridden(retry_policy=path):
        yield path


def settled(error: Exception, **fields: str) -> leases.Settlement:
    given = {name.encode(): value.encode() for name, value in {"retries_left": "3", **fields}.items()}
    return outcomes.of_error(leases.Leased("id", "w-1-1", "low", given), PATH, error)


def classes() -> list[type[errors.TrawlError]]:
    return list(retry_rows.CLASSES.values())


@pytest.mark.parametrize("kind", classes())
def test_the_shipped_table_says_what_the_classes_say(kind: type[errors.TrawlError]) -> None:
    rule = retry_policy.of("serp", kind, kind.category)
    assert rule == Rule(3 if kind.retryable else 0, kind.retry_after_s if kind.retryable else rule.first_wait_s, 2, 3600, 1)


def test_the_more_specific_row_wins_value_by_value(file: Path) -> None:
    rows = "[categories.network]\nretries = 2\ncap_s = 900\n[errors.NetworkError]\nfactor = 3\n"
    rows += "[errors.ProviderBusy]\nfirst_wait_s = 15\n"
    file.write_text(
        DEFAULT + rows + "[kinds.policed.network]\njitter = 0\nfactor = 5\n[kinds.policed.ProviderBusy]\nretries = 1\n"
    )
    busy, plain = retry_policy.of("policed", errors.ProviderBusy, "network"), retry_policy.of("policed", None, "network")
    assert busy == Rule(1, 15, 3, 900, 0), "the class above it is more specific than the kind's category"
    assert plain == Rule(2, 60, 5, 900, 0) and retry_policy.of("serp", errors.ProviderBusy, "network") == Rule(2, 15, 3, 900, 1)
    assert [(row.kind, row.error) for row in retry_policy.every()][-2:] == [("policed", "network"), ("policed", "ProviderBusy")]


def test_a_worker_holds_to_the_table(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(
        DEFAULT + "[kinds.policed.network]\nretries = 1\nfirst_wait_s = 10\njitter = 0\n[categories.data]\nretries = 0\n"
    )
    first = settled(errors.NetworkError("down"))
    assert (first.outcome, first.ttl) == ("retry", 10_000)
    assert settled(errors.NetworkError("down"), attempt="1", retries_left="2").outcome == "failed", "one retry is all it allows"
    assert settled(errors.NetworkError("down"), attempt="2", deaths="2").outcome == "retry", "deaths of its process count apart"
    assert settled(errors.SystemFault("x"), attempt="2", retries_left="1").outcome == "retry", "others go as the job allows"


def test_a_foreign_job_that_asks_for_more_retries_than_ours_may_gets_them() -> None:
    assert settled(ValueError("x"), attempt="7", retries_left="3").outcome == "retry", "RQ's Retry(max=10)"


def test_what_the_error_says_itself_beats_the_table(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(DEFAULT + "[categories.network]\nfirst_wait_s = 10\n")
    late = errors.NetworkError("503")
    late.retry_after_s = 77
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    assert retry_policy.of("", errors.NetworkError, "network").wait_s(1) == 10
    assert outcomes.backoff_s(raised.read(late), 1) == 77 and outcomes.backoff_s(raised.read(late), 2) == 154
    wall = errors.BlockedError("consent")
    wall.retryable = False
    assert settled(wall).outcome == "failed"


@pytest.mark.parametrize(("jitter", "lowest"), [(0, 60), (0.5, 30), (1, 1)])
def test_jitter_is_the_share_of_a_wait_that_is_drawn_by_lot(jitter: float, lowest: float) -> None:
    waits = [Rule(3, 60, 2, 3600, jitter).wait_s(1) for _ in range(300)]
    assert all(lowest <= wait <= 60 for wait in waits) and min(waits) <= lowest + 3


MISTAKES: dict[str, tuple[str, int, str]] = {
    "a word for a number": ('[errors.NotNow]\nretries = "3"', 8, "a whole number from 0 to 3"),
    "too many": ("[categories.network]\nretries = 4", 8, "from 0 to 3"),
    "truth": ("[categories.network]\njitter = true", 8, "from 0 to 1"),
    "not a number": ("[categories.network]\nfactor = nan", 8, "from 1 to 10"),
    "a misspelt value": ("[categories.network]\nretrys = 1", 8, "there are retries"),
    "a misspelt category": ("[categories.netwrok]", 7, "there are network, blocked"),
    "a misspelt class": ("[errors.Busy]", 7, "ProviderBusy"),
    "a kind of no job": ("[kinds.scraping.network]", 7, "scrape, serp"),
    "a kind without a category": ("[kinds.serp]\nretries = 1", 8, "[kinds.serp.network]"),
    "a misspelt class of a kind": ("[kinds.serp.Busy]", 7, "no category or class of errors 'Busy'"),
    "another table": ("[category.network]", 7, "there are default, categories"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_to_write(file: Path, mistake: str) -> None:
    text, line, remedy = MISTAKES[mistake]
    file.write_text(DEFAULT + text)
    with pytest.raises(errors.ConfigError) as caught:
        preload.retry_policy.load()
    assert f"{file}, line {line}: " in str(caught.value) and remedy in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"), [("[default", "is no TOML"), ("", "says no retries in [default]"), (None, "cannot be read")]
)
def test_a_file_that_is_none_is_refused_at_the_start(file: Path, text: str | None, says: str) -> None:
    if text is not None:
        file.write_text(text)
    with pytest.raises(errors.ConfigError, match="RETRY_POLICY=") as caught:
        retry_policy.check()
    assert says in str(caught.value)


def test_a_file_that_broke_after_the_start_changes_nothing(file: Path) -> None:
    file.write_text(DEFAULT)
    preload.everything()
    file.write_text("[broken")
    assert settled(errors.NetworkError("down")).outcome == "retry"


def test_pages_of_a_batch_hold_to_the_table(file: Path) -> None:
    file.write_text(DEFAULT + "[kinds.scrape.network]\nretries = 1\nfirst_wait_s = 7\n[kinds.scrape.blocked]\nretries = 0\n")

    def told(error: Exception, attempts: int) -> tuple[str, int]:
        page = frontier.Page(1, 0, attempts, "https://a.com/", "", packs=False, took_links=False)
        found = scraping.failed(error, page, ScrapingConfig())
        return found.outcome, found.delay_ms

    assert told(errors.NetworkError("down"), 0) == ("retry", 7000) and told(errors.NetworkError("down"), 1)[0] == "failed:network"
    assert told(errors.BlockedError("wall"), 0)[0] == "failed:blocked" and told(errors.SystemFault("disk"), 1)[0] == "retry"


def test_growth_and_cap_hold_for_pages_of_a_batch_too(file: Path) -> None:
    file.write_text(DEFAULT + "[kinds.scrape.network]\nfirst_wait_s = 7\nfactor = 3\ncap_s = 40\n")

    def waits(config_: ScrapingConfig) -> list[int]:
        pages = [frontier.Page(1, 0, tries, "https://a.com/", "", packs=False, took_links=False) for tries in range(3)]
        return [scraping.failed(errors.NetworkError("down"), page, config_).delay_ms for page in pages]

    assert waits(ScrapingConfig()) == [7000, 21_000, 40_000]
    assert waits(ScrapingConfig(retry_delay=2)) == [2000, 6000, 18_000] and waits(ScrapingConfig(retry_delay=0)) == [0, 0, 0]


def test_growth_and_cap_hold_for_checks_of_a_keyword_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(DEFAULT + "[kinds.serp.network]\nfirst_wait_s = 10\nfactor = 4\ncap_s = 90\n")
    monkeypatch.setattr(claimed_check, "uniform", lambda low, high: 1.0)

    def wait_s(failures: int) -> float:
        check = claimed_check.ClaimedCheck.__new__(claimed_check.ClaimedCheck)
        check.keyword, check.owner = models.Keyword("k", "p", "word", failures=failures), "j"
        check._failed(errors.NetworkError("down"), models.Rank(date(2026, 1, 1), models.RankState.UNKNOWN, reason="network"))
        return check.ended.again_in_s if check.ended else -1

    assert [wait_s(failures) for failures in range(3)] == [10, 40, 90]
