"""Recorded pages, served again."""

import json
from pathlib import Path

import pytest

import errors
import models
from parsing import serp as parsing_serp
from parsing import serp_json
from sandbox import markup, server
from tests.parsing import samples
from tests.sandbox.stage import plugin_body, running


@pytest.fixture(scope="session")
def corpus() -> Path:
    samples.need_corpus()
    return samples.CORPUS


def _newest(corpus: Path, since: str) -> dict[str, dict[str, object]]:
    """The newest recorded page of each keyword."""
    lines = [json.loads(text) for text in (corpus / "serp" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line.get("query") and line.get("organic") and line["captured"] >= since]
    return {line["query"]: line for line in sorted(lines, key=lambda line: line["captured"])}


@pytest.mark.parametrize("opaque", [0, 1])
def test_replay_serves_the_recorded_ranks(corpus: Path, opaque: int) -> None:
    lines = _newest(corpus, "2026")
    assert len(lines) >= 3
    resolved = 0
    with running(replay=corpus, opaque=opaque) as (_, provider):
        for text, line in lines.items():
            page = parsing_serp.parse(provider.page(models.SerpQuery(text), start=0).body)
            resolved += any(row.goto_url for row in page.organic)
            urls = [row.url or provider.resolve(str(row.goto_url)) for row in page.organic]
            assert urls == [row["url"] for row in line["organic"]], text  # type: ignore[attr-defined]
    assert (resolved > 0) == bool(opaque)


def test_replay_takes_the_serp_folder_and_the_plugin_too(corpus: Path) -> None:
    text, line = next(iter(_newest(corpus, "2026").items()))
    with running(replay=corpus / "serp") as (sandbox, _):
        page = serp_json.parse_plugin(plugin_body(sandbox, text.upper()))
    assert [row.url for row in page.organic] == [row["url"] for row in line["organic"]]  # type: ignore[attr-defined]


def test_replay_has_one_page_a_keyword_and_none_for_others(corpus: Path) -> None:
    known = next(iter(_newest(corpus, "2026")))
    with running(replay=corpus) as (sandbox, provider):
        for text, start in ((known, 10), ("a keyword that nobody recorded", 0)):
            page = parsing_serp.parse(provider.page(models.SerpQuery(text), start=start).body)
            assert page.page_class is models.PageClass.NO_RESULTS
        assert provider.resolve("/goto?url=CAESunknown") is None
        assert markup.MARK.encode() in provider.page(models.SerpQuery(known), start=0).body
    assert sandbox.counts == {"no_results": 2, "link": 1, "page": 1}


def test_a_folder_without_recorded_pages_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigError, match=r"truth\.jsonl"):
        server.Sandbox(replay=tmp_path)
