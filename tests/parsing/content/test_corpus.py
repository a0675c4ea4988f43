"""On recorded pages, the main content is found at least as well as measured on 28 November 2026, with a little room."""

import functools

import pytest

from benchmarks import content as benchmark
from parsing import content
from tests.parsing import samples

FLOORS = {"aeb": 0.93, "moz": 0.93, "traf": 0.88, "wcxb": 0.81}
CONTACT_FLOORS = {"TEL": 0.88, "STREET": 0.90, "ZIPCODE": 0.80, "HOURS": 0.80}


@functools.cache
def rows() -> list[dict]:
    samples.need_corpus()
    if not (samples.CORPUS / "content" / "truth.jsonl").is_file():
        pytest.skip(f"recorded pages with known main content are not at {samples.CORPUS}")
    return benchmark.pages(samples.CORPUS)


@pytest.mark.parametrize("source", FLOORS)
def test_the_main_content_of_recorded_pages_is_found(source: str) -> None:
    chosen = [row for row in rows() if row["source"] == source]
    found = [benchmark.counts(row, content.extract(row["html"], row.get("url") or "", extra=False).text) for row in chosen]
    assert benchmark.f1(source, found) >= FLOORS[source]


def test_no_link_of_a_recorded_page_leads_to_a_script() -> None:
    for row in rows()[::6]:
        markdown = content.extract(row["html"], row.get("url") or "https://example.com/", extra=False).markdown.lower()
        assert "](javascript:" not in markdown and "](<javascript:" not in markdown and "](data:" not in markdown


def test_addresses_and_hours_of_recorded_companies_are_kept() -> None:
    import gzip
    import json
    import re

    samples.need_corpus()
    truth = samples.CORPUS / "contacts" / "truth.jsonl"
    hits, total = dict.fromkeys(CONTACT_FLOORS, 0), dict.fromkeys(CONTACT_FLOORS, 0)
    for line in truth.read_text("utf-8").strip().split("\n")[::2]:
        row = json.loads(line)
        html = benchmark.serp_text.decode(gzip.decompress((samples.CORPUS / row["source"]).read_bytes()))
        shown = re.sub(r"\W+", "", html.lower())
        kept = re.sub(r"\W+", "", content.extract(html, "https://example.com/contact", extra=False).text.lower())
        for name in CONTACT_FLOORS:
            for value in {re.sub(r"\W+", "", entity.lower()) for entity in row["entities"].get(name, [])}:
                total[name] += value in shown
                hits[name] += value in shown and value in kept
    found = {name: hits[name] / max(1, total[name]) for name in CONTACT_FLOORS}
    assert all(found[name] >= floor for name, floor in CONTACT_FLOORS.items()), found
