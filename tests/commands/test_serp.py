"""`serp`: batch, check, reparse, resume."""

import json
from datetime import timedelta
from typing import Any

import pytest

import clock
import config
import models
from clients import storage
from sandbox.server import Sandbox
from state.engine import dedup
from state.tracking import halts, history, keywords, outcomes
from tests.commands.conftest import Run
from topics.tracking import check, projects


@pytest.fixture
def ranked(run: Run, provider: Sandbox, project: models.Project) -> models.Keyword:
    """A keyword that the sandbox ranks, checked once."""
    for number in range(20):
        projects.add_keywords("example.com", [f"keyword {number}"])
        found = projects.find_keyword(f"keyword {number}", "example.com")
        if run("serp", "check", found.id).stdout.startswith("ranked"):
            return found
    raise AssertionError("the sandbox ranks nothing")


def test_a_batch_says_what_it_enqueued(run: Run, keyword: models.Keyword) -> None:
    projects.add_keywords("example.com", ["red shoes"])

    result = run("serp", "batch")

    assert result.exit_code == 0
    assert result.stdout.startswith("Enqueued batch of 2 of 1 project: 2 high, 0 default, in ")
    assert json.loads(run("serp", "batch", "--json").stdout)["total"] == 0


def test_a_batch_that_is_held_back_says_why(run: Run, keyword: models.Keyword) -> None:
    run("serp", "batch")
    projects.add_keywords("example.com", ["red shoes"])

    with config.overridden(serp_max_queue_depth=1):
        result = run("serp", "batch")

    assert "Held back: the queues are full (SERP_MAX_QUEUE_DEPTH)." in result.stdout


def test_a_batch_says_how_many_claims_it_freed(run: Run, keyword: models.Keyword, store: Any) -> None:
    run("serp", "batch")
    store.delete(*store.keys("rq:job:*"))

    assert "Freed 1 claim whose job is gone." in run("serp", "batch").stdout


def test_a_halt_stops_the_batch_until_resume(run: Run, keyword: models.Keyword) -> None:
    halts.halt("scrapedo", "The account has no credits left.")

    result = run("serp", "batch")

    assert result.exit_code == 1
    assert result.stdout.startswith("Nothing enqueued: The account has no credits left. `python manage.py serp resume` ends")
    assert run("serp", "resume").stdout == "Fetching goes on.\n"
    assert run("serp", "resume").stdout == "Nothing was halted.\n"
    assert run("serp", "batch").exit_code == 0


def test_a_check_prints_the_rank_with_url_and_title_marked_as_the_sandbox_s(run: Run, ranked: models.Keyword) -> None:
    result = run("serp", "check", ranked.text, "--project", "example.com")

    first, url, title = result.stdout.splitlines()
    rank = history.of(ranked.id)[-1]
    assert result.exit_code == 0
    assert first == f"ranked {rank.rank} (sandbox)"
    assert (url, title) == (f"url\t{rank.url}", f"title\t{rank.title}")
    assert "example.com" in url and rank.title


def test_a_check_is_made_whatever_the_schedule_says(run: Run, ranked: models.Keyword, provider: Sandbox) -> None:
    before = len(provider.requests)

    run("serp", "check", ranked.id)

    assert len(provider.requests) > before
    assert dedup.count() == 0


def test_not_found_says_how_many_were_scanned(run: Run, provider: Sandbox) -> None:
    projects.add("nowhere-to-be-found.net")
    run("keyword", "add", "nowhere-to-be-found.net", "blue shoes")

    result = run("serp", "check", "blue shoes", "--project", "nowhere-to-be-found.net", "--json")

    found = json.loads(result.stdout)
    assert (result.exit_code, found["outcome"], found["rank"]) == (0, "not_found", None)
    assert found["says"] == f"not found in the first {found['scanned']} scanned (sandbox)" and found["scanned"] >= 8


@pytest.mark.parametrize(("kind", "category"), [("captcha", "blocked"), ("failed", "network"), ("js_required", "blocked")])
def test_a_check_that_fails_is_one_error_line_and_an_unknown(
    run: Run, keyword: models.Keyword, provider: Sandbox, kind: str, category: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "wait", lambda seconds: None)  # between free retries
    provider.force(*[kind] * 3)

    result = run("serp", "check", keyword.id)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("Error: ")
    shown = json.loads(run("keyword", "show", keyword.id, "--json").stdout)
    assert shown["last"]["state"] == "unknown" and shown["error"]["category"] == category
    assert shown["processing"] is None


def test_a_bad_token_is_one_line_without_the_token(run: Run, keyword: models.Keyword) -> None:
    from pydantic import SecretStr

    token = "tok-s3cret-9"
    with (
        Sandbox(token="another") as refusing,
        config.overridden(serp_provider="scrapedo", scrapedo_url=refusing.url, scrapedo_token=SecretStr(token)),
    ):
        check.tools.cache_clear()
        result = run("serp", "check", keyword.id)
        told = run("status").stdout + run("keyword", "show", keyword.id).stdout + run("serp", "batch").stdout

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "Correct SCRAPEDO_TOKEN" in result.stderr and "Correct SCRAPEDO_TOKEN" in told
    assert token not in result.output + told


def test_a_missing_token_is_one_line_with_the_remedy(run: Run, keyword: models.Keyword) -> None:
    with config.overridden(serp_provider="scrapedo"):
        result = run("serp", "check", keyword.id)

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("Error: SCRAPEDO_TOKEN is not set: copy it from dashboard.scrape.do into .env")


def test_a_check_says_that_another_job_has_the_keyword(run: Run, keyword: models.Keyword, provider: Sandbox) -> None:
    run("serp", "batch")

    result = run("serp", "check", keyword.id)

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"Another job has it: serp-{keyword.id}" in result.stderr and provider.requests == []
    assert dedup.count() == 1, "its claim stays"


def test_a_reparse_changes_a_rank_that_the_stored_page_does_not_show(run: Run, ranked: models.Keyword) -> None:
    right = history.of(ranked.id)[-1]
    assert run("serp", "reparse").stdout.endswith(" read, 0 ranks changed, 0 keywords without one.\n")
    _forge(rank=9 if right.rank != 9 else 8)

    result = run("serp", "reparse")

    assert result.exit_code == 0
    assert f"{ranked.text}\tranked {9 if right.rank != 9 else 8} (sandbox)\t{right}" in result.stdout.splitlines()
    assert "1 rank changed" in result.stdout
    assert history.of(ranked.id)[-1] == right


def test_a_reparse_of_a_day_without_pages_says_so(run: Run, ranked: models.Keyword) -> None:
    found = json.loads(run("serp", "reparse", "--day", "2025-01-02", "--project", "example.com", "--json").stdout)

    assert found == {"day": "2025-01-02", "read": 0, "missing": found["missing"], "changes": [], "problems": []}
    assert found["missing"] >= 1


def test_a_page_that_is_gone_is_named_and_the_exit_code_says_so(run: Run, ranked: models.Keyword) -> None:
    store = storage.make(config.settings())
    store.delete([key for key in store.keys("example.com/") if key.endswith(".gz")])

    result = run("serp", "reparse")

    assert result.exit_code == 1
    assert f"{ranked.text}: The stored page example.com/" in result.stderr and "0 stored checks read" in result.stdout


def _forge(rank: int) -> None:
    """Write another rank of today into every stored check that has one."""
    store = storage.make(config.settings())
    for key in list(store.keys("example.com/")):
        stored = json.loads(store.get(key) or b"") if key.endswith(f"{clock.now().date()}.json") else {}
        if stored and stored["rank"]["rank"]:
            stored["rank"]["rank"] = rank
            store.put(key, json.dumps(stored).encode(), content_type="application/json")
            wrong = models.Rank(clock.now().date(), models.RankState.RANKED, 10, rank)
            keyword = keywords.get(stored["keyword_id"])
            outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", wrong))
