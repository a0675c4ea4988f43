"""Walls are named with their class and vendor; ordinary pages, however short or however much they speak of walls, are not."""

import doctest
import json
import re
import time
from typing import Any

import pytest

from parsing import blocks, blocks_page, blocks_signs, blocks_texts
from tests.parsing import samples

PAGES = samples.ROOT / "tests" / "samples" / "blocks"
LOREM = (
    "The old bakery in the harbour street has reopened with new owners, who kept the oven and the recipe for the dark rye bread. "
)


def hand_made() -> list[Any]:
    rows = [json.loads(line) for name in ("pages", "said") for line in (PAGES / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [pytest.param(row, id=f"{row['name']}-{row['status']}") for row in rows]


def html(title: str, body: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def named(body: str, status: int = 200, headers: dict[str, str] | None = None, url: str = "", final_url: str = "") -> str | None:
    found = blocks.classify(body, status, headers or {}, url, final_url)
    return found.page_class if found else None


def test_the_examples_are_true() -> None:
    assert doctest.testmod(blocks).failed == 0


@pytest.mark.parametrize("row", hand_made())
def test_a_wall_is_named_and_a_page_is_not(row: dict[str, Any]) -> None:
    found = blocks.classify(row["body"], row["status"], row["headers"], row["url"], row["final_url"])
    assert (found.page_class if found else None) == row["class"], found
    if found is not None:
        assert row["vendor"] in (None, found.vendor), found
        assert found.evidence
        assert found.certainty in ("high", "medium", "low")
        assert found.page_class in blocks.CLASSES


@pytest.mark.parametrize("row", [row for row in hand_made() if row.values[0]["class"] and row.values[0]["status"] == 200])
def test_an_article_that_quotes_a_wall_is_an_article(row: dict[str, Any]) -> None:
    code = row["body"].replace("&", "&amp;").replace("<", "&lt;")
    text = f"<p>{LOREM * 5}</p>" * 6
    assert named(html("How scrapers are stopped", f"<h1>How scrapers are stopped</h1>{text}<pre>{code}</pre>{text}")) is None


@pytest.mark.parametrize(
    ("status", "page_class"),
    [
        (401, "login"),
        (403, "denied"),
        (404, "not_found"),
        (410, "not_found"),
        (429, "rate_limited"),
        (451, "denied"),
        (500, "other_error"),
        (503, "other_error"),
        (521, "other_error"),
        (999, "denied"),
        (400, "other_error"),
    ],
)
def test_an_error_status_is_never_a_page(status: int, page_class: str) -> None:
    assert named("", status) == page_class
    assert named(html("Lamp", f"<h1>Lamp</h1><p>{LOREM * 80}</p>"), status) == page_class


@pytest.mark.parametrize("status", [200, 201, 203, 206, 304])
def test_an_ordinary_page_is_a_page(status: int) -> None:
    assert named(html("Lamp", f"<h1>Lamp</h1><p>{LOREM}</p>"), status) is None
    assert named("", status) is None


@pytest.mark.parametrize(
    "phrase",
    [
        "Checking your browser",
        "Verify you are human",
        "Access denied",
        "Too many requests",
        "Service unavailable",
        "Accept cookies",
    ],
)
def test_a_short_page_with_sentences_of_its_own_is_a_page(phrase: str) -> None:
    own = "<p>The old bakery sells rye bread from seven in the morning, and plum cake on Saturdays.</p>"
    assert named(html("Bakery", f"<h2>{phrase}</h2><p>Please reload this page.</p><button>OK</button>")) is not None
    assert named(html("Bakery", f"<h2>{phrase}</h2>{own}<button>OK</button>")) is None


def test_a_header_of_a_wall_is_enough() -> None:
    found = blocks.classify("", 403, {"cf-mitigated": "challenge", "server": "cloudflare"})
    assert found is not None
    assert (found.page_class, found.vendor, found.certainty) == ("challenge", "cloudflare", "high")
    assert (
        named(html("Lamp", f"<p>{LOREM * 80}</p>"), 200, {"server": "cloudflare", "cf-ray": "1", "x-datadome": "protected"})
        is None
    )


def test_who_refuses_is_read_from_the_headers() -> None:
    found = blocks.classify("Access Denied", 403, {"server": "AkamaiGHost"})
    assert found is not None
    assert (found.page_class, found.vendor) == ("denied", "akamai")


def test_a_redirect_to_a_log_in_is_one_and_a_log_in_that_was_asked_for_too() -> None:
    frame = html("Portal", "<div id=app></div>")
    assert named(frame, 200, {}, "https://e.test/a", "https://e.test/login?next=/a") == "login"
    assert named(frame, 200, {}, "https://e.test/a", "https://e.test/b") is None
    assert named(frame, 200, {}, "https://e.test/a", "https://e.test/blog/login-tips") is None
    assert (
        named(html("Log in", "<p>Log in<form><input name=u><input type=password></form>"), 200, {}, "https://e.test/login")
        == "login"
    )


@pytest.mark.parametrize("url", ["", "https://[::1", "not one", "https://e.test/\ud800", "//", "mailto:a@e.test"])
def test_an_odd_address_raises_nothing(url: str) -> None:
    body = html("Log in", "<p>Log in<form><input name=u><input type=password></form>")
    assert named(body, 200, {}, url, "https://e.test/a") == "login"
    assert named(body, 200, {}, "https://e.test/a", url) == "login"


def test_an_empty_frame_needs_a_browser_and_is_no_wall() -> None:
    frame = html(
        "App", '<noscript>You need to enable JavaScript.</noscript><div id="root"></div>', f"<script>{'x' * 300}</script>"
    )
    assert named(frame) is None
    assert blocks.needs_script(frame)
    assert not blocks.needs_script(html("Lamp", f"<h1>Lamp</h1><p>{LOREM * 3}</p><script>{'x' * 300}</script>"))
    assert not blocks.needs_script("")


def test_text_in_noscript_makes_a_page() -> None:
    hidden = html(
        "Forum", f"<noscript><h1>Topic</h1><p>{LOREM * 30}</p></noscript><form><input name=u><input type=password></form>"
    )
    assert named(hidden) is None
    assert not blocks.needs_script(hidden)


@pytest.mark.parametrize(
    "part",
    [
        "<b><i>", "<script>", "<noscript>", "<style></style>", "<!--", "<", "<h1>", "<h1><a></h1>", "<p>", "<a href", 'class="',
        "<meta http-equiv=", "<title>", " ", "&amp;", "\u4e00", "access denied ", "<input type=", "domain domain ", "[", "\0",
        "<script></script>",
    ],
)  # fmt: skip
def test_a_hostile_page_costs_no_more_than_its_size(part: str) -> None:
    def cost_s(size: int) -> float:
        body = part * (size // len(part))
        started = time.process_time()
        blocks.classify(body, 200, {}, "https://e.test/", "https://e.test/")
        blocks.classify(body, 403, {}, "https://e.test/", "https://e.test/")
        return time.process_time() - started

    assert cost_s(400_000) < 24 * max(cost_s(50_000), 0.01)


def test_a_long_page_costs_no_more_than_its_head_and_tail() -> None:
    page = blocks_page.Page("<p>" + "lamp " * 2_000_000)
    assert len(page.low) == blocks_page.MAX_HEAD_CHARS + blocks_page.MAX_TAIL_CHARS


def test_every_sign_is_written_as_it_is_looked_for() -> None:
    for sign in blocks_signs.SIGNS:
        assert sign.page_class in blocks.CLASSES
        assert sign.where in ("code", "text", "title", "page")
        needles = [needle for group in sign.needles for needle in group]
        assert all(needle == needle.lower() and needle.strip() for needle in needles), sign
        assert sign.words <= blocks.MOST_WORDS
    assert set(blocks.TEXTS) <= set(blocks_signs.PHRASES)


def test_whatever_says_that_a_domain_is_for_sale_has_a_word_that_is_looked_for_first() -> None:
    walls = [row.values[0] for row in hand_made() if row.values[0]["class"] == "parked"]
    pages = [blocks_page.Page(row["body"]) for row in walls]
    said = [page for page in pages if blocks_signs.PHRASES["for_sale"].search(f"{page.title}\n{page.text[:3000]}")]
    assert len(said) > 20
    assert all(any(hint in f"{page.title}\n{page.text}" for hint in blocks_texts.OF_SALES) for page in said)


@pytest.mark.parametrize("name", sorted(blocks_signs.PHRASES))
def test_no_phrase_matches_nothing_or_everything(name: str) -> None:
    for pattern in blocks_signs.PHRASES[name].pattern.split("|"):
        assert pattern
    assert not re.search(blocks_signs.PHRASES[name], "the old bakery in the harbour street")
    assert not re.search(blocks_signs.PHRASES[name], "")
