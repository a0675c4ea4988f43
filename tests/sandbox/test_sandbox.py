"""The sandbox as a provider: its pages read as they were meant, it answers as Scrape.do does, and it is the same every time."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from pydantic import SecretStr

import clock
import config
import errors
import models
from clients.serp import scrapedo
from parsing import serp as parsing_serp
from parsing import serp_json
from sandbox import knobs, markup, pages, server, source

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYWORDS = [
    "best running shoes", "東京 タワー", "c++ & c#", '<b>bold</b> "quoted"', "a", "naïve café",
    "did not match any documents", "plumber near me {k}", "unusual traffic", "%41 100%", "x" * 300, "emoji 🙂 test",
    *(f"keyword {number} of many" for number in range(60)),
]  # fmt: skip


@pytest.fixture(autouse=True)
def fixed_day() -> Iterator[None]:
    with clock.frozen(TODAY):
        yield


@contextlib.contextmanager
def running(**settings: object) -> Iterator[tuple[server.Sandbox, scrapedo.ScrapeDo]]:
    with server.Sandbox(**settings) as sandbox:
        provider = scrapedo.ScrapeDo(sandbox.url, SecretStr("sandbox"), timeout_s=30)
        try:
            yield sandbox, provider
        finally:
            provider.api.close()


def _asked(text: str, start: int = 0, **query: str) -> source.Asked:
    return source.Asked(models.SerpQuery(text, **query), start, "https://www.google.com/search")


def _invented(**settings: object) -> source.Invented:
    return source.Invented(**{"seed": 0, "domains": ("example.com",), "no_results": 0.0, **settings})  # type: ignore[arg-type]


def _rank(world: source.Invented, text: str, host: str, **query: str) -> int | None:
    for start in range(0, 100, 10):
        for row in world.rows(_asked(text, start, **query)):
            if host in row["link"]:
                return start + int(row["position"])
    return None


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_a_page_reads_as_exactly_the_results_that_were_meant(opaque: bool, device: str) -> None:
    world = _invented()
    for text in KEYWORDS:
        for start in (0, 20):
            asked = _asked(text, start, device=device)
            html = world.page(asked, opaque=opaque)
            assert html is not None
            page = parsing_serp.parse(html)
            read = [(row.position, row.url or world.location(str(row.goto_url)[22:]), row.title) for row in page.organic]
            assert read == [(row["position"], row["link"], row["title"]) for row in world.rows(asked)], (text, start)
            assert page.page_class is models.PageClass.RESULTS
            assert page.confidence is models.Confidence.STRICT
            assert all((row.goto_url is not None) == opaque for row in page.organic)


def test_a_company_is_recognised_by_its_green_line_and_a_big_site_is_not() -> None:
    world = _invented()
    shown = Counter()  # type: ignore[var-annotated]
    for text in KEYWORDS:
        for row in parsing_serp.parse(world.page(_asked(text), opaque=False) or "").organic:
            host = str(row.url).split("/")[2]
            shown["reddit" if "reddit" in host else "other", row.displayed_host == host] += 1
    assert shown["other", True] > 300
    assert shown["reddit", True] == 0 < shown["reddit", False]


def test_every_block_around_the_results_is_recognised() -> None:
    world = _invented()
    seen = set()
    for text in KEYWORDS:
        meant = pages.features_of(text, 0, 0)
        page = parsing_serp.parse(world.page(_asked(text), opaque=False) or "")
        assert page.features & set(pages.FEATURES) == meant, text
        assert page.total_results and page.total_results >= 1000
        seen |= meant
    assert seen == set(pages.FEATURES)


@pytest.mark.parametrize(
    ("html", "page_class"),
    [
        (pages.captcha("https://www.google.com/search?q=x"), models.PageClass.CAPTCHA),
        (pages.js_required("x"), models.PageClass.JS_REQUIRED),
        (pages.consent("https://www.google.com/search?q=x"), models.PageClass.CONSENT),
        (pages.no_results("x <y>"), models.PageClass.NO_RESULTS),
    ],
)
def test_every_other_page_is_recognised_for_what_it_is(html: str, page_class: models.PageClass) -> None:
    assert parsing_serp.parse(html).page_class is page_class


def test_every_page_says_that_it_is_the_sandboxs() -> None:
    invented = _invented().page(_asked("x"), opaque=False)
    for html in (invented, pages.captcha("u"), pages.js_required("x"), pages.consent("u"), pages.no_results("x")):
        assert html and markup.MARK in html and "this page is invented" in html


def test_the_plugin_gives_the_same_results_as_the_page() -> None:
    from clients.serp import scrapedo_plugin

    with running(opaque=0) as (sandbox, provider):
        plugin = scrapedo_plugin.ScrapeDoPlugin(sandbox.url, SecretStr("x"), timeout_s=30)
        query = models.SerpQuery("best running shoes")
        as_json = serp_json.parse_plugin(plugin.page(query, start=10).body)
        as_html = parsing_serp.parse(provider.page(query, start=10).body)
        plugin.api.close()
    assert [(row.position, row.url) for row in as_json.organic] == [(row.position, row.url) for row in as_html.organic]
    assert len(as_json.organic) == 10


# --- who ranks --------------------------------------------------------------------------------------------------------


def test_the_same_question_has_the_same_answer_and_another_seed_another() -> None:
    asked = _asked("best running shoes")

    assert _invented().page(asked, opaque=True) == _invented().page(asked, opaque=True)
    assert _invented(seed=1).rows(asked) != _invented(seed=2).rows(asked)


def test_a_rank_moves_a_little_from_day_to_day_and_never_jumps() -> None:
    world = _invented()
    moves = []
    for number in range(20):
        ranks = []
        for day in range(20):
            with clock.frozen(TODAY + timedelta(days=day)):
                ranks.append(_rank(world, f"keyword {number}", "example.com"))
        assert len({rank is None for rank in ranks}) == 1  # it ranks on all days or on none
        moves += [abs(after - before) for before, after in itertools.pairwise(ranks) if before and after]
    assert 0 < sum(moves) / len(moves) < 1
    assert max(moves) <= 5


def test_a_named_domain_ranks_for_most_keywords_and_mostly_on_the_first_page() -> None:
    ranks = [_rank(_invented(domains=("mine.example",)), f"keyword {number}", "mine.example") for number in range(100)]

    assert sum(rank is not None for rank in ranks) >= 85
    assert sum(rank is not None and rank <= 10 for rank in ranks) >= 50
    assert None in ranks


def test_naming_another_domain_reshuffles_nothing() -> None:
    asked = _asked("best running shoes")
    before = [row["link"] for row in _invented(domains=("a.example",)).rows(asked)]
    after = [row["link"] for row in _invented(domains=("b.example", "a.example")).rows(asked) if "b.example" not in row["link"]]

    assert after == before[: len(after)]


def test_countries_and_devices_differ_a_little() -> None:
    here = [row["link"] for row in _invented().rows(_asked("coffee"))]
    for other in ({"country": "de"}, {"language": "fr"}, {"device": "mobile"}):
        there = [row["link"] for row in _invented().rows(_asked("coffee", **other))]
        assert there != here and len(set(here) & set(there)) >= 5


def test_pages_follow_each_other_without_overlap_until_google_finds_nothing_more() -> None:
    with running(opaque=0) as (_, provider):
        links: list[str | None] = []
        for start in range(0, 110, 10):
            page = parsing_serp.parse(provider.page(models.SerpQuery("coffee"), start=start).body)
            if page.page_class is models.PageClass.NO_RESULTS:
                break
            links += [row.url for row in page.organic]
        else:
            pytest.fail("there was always another page")
    assert 35 <= len(links) == len(set(links)) <= 90


# --- the knobs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knob", "kind"),
    [("captcha", "captcha"), ("js_required", "js_required"), ("consent", "consent"), ("no_results", "no_results")],
)
def test_a_share_of_pages_is_what_its_knob_says(knob: str, kind: str) -> None:
    with running(**{knob: 0.25}) as (sandbox, provider):
        for number in range(200):
            provider.page(models.SerpQuery(f"keyword {number}"), start=0)
    assert 30 <= sandbox.counts[kind] <= 70
    assert sandbox.counts[kind] + sandbox.counts["page"] == 200


@pytest.mark.parametrize(("knob", "kind"), [("status_429", "busy"), ("status_502", "failed")])
def test_a_share_of_requests_is_refused_and_a_second_try_has_a_new_chance(
    knob: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "wait", lambda seconds: None)
    with running(**{knob: 0.3}) as (sandbox, provider):
        for number in range(100):
            with contextlib.suppress(errors.NetworkError):
                provider.page(models.SerpQuery(f"keyword {number}"), start=0)
    assert sandbox.counts["page"] >= 90
    assert sandbox.counts[kind] >= 20


def test_a_share_of_pages_has_opaque_links_that_resolve() -> None:
    with running(opaque=0.5) as (_, provider):
        opaque = 0
        for number in range(40):
            page = parsing_serp.parse(provider.page(models.SerpQuery(f"keyword {number}"), start=0).body)
            if goto := page.organic[0].goto_url:
                opaque += 1
                assert (provider.resolve(goto) or "").startswith("https://")
    assert 10 <= opaque <= 30


def test_what_goes_wrong_does_not_depend_on_the_order_of_requests() -> None:
    def kinds(order: list[int]) -> dict[str, str]:
        with running(captcha=0.5) as (sandbox, provider):
            for number in order:
                provider.page(models.SerpQuery(f"keyword {number}"), start=0)
            return {seen.params["url"]: seen.kind for seen in sandbox.requests}

    assert kinds(list(range(30))) == kinds(list(reversed(range(30))))


def test_more_requests_than_the_plan_allows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, release = threading.Event(), threading.Event()

    def hold(seconds: float) -> None:
        entered.set()
        release.wait(30)

    monkeypatch.setattr(clock, "wait", hold)
    with server.Sandbox(concurrency=1, latency_ms=1) as sandbox:
        target = _target(q="x")
        first = threading.Thread(target=sandbox.desk.answer, args=(target,))
        first.start()
        assert entered.wait(30)
        second = sandbox.desk.answer(target)
        release.set()
        first.join()
        assert (second.status, second.kind) == (429, "busy")
        assert sandbox.desk.answer(target).status == 200
        assert sandbox.desk.peak == 2
        assert sandbox.counts == {"busy": 1, "page": 2}


def test_latency_is_waited_before_a_page_and_never_before_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", waited.append)
    with server.Sandbox(latency_ms=250) as sandbox:
        sandbox.force("busy", "")
        sandbox.desk.answer(_target(q="x"))
        sandbox.desk.answer(_target(q="x"))
    assert waited == [0.25]


@pytest.mark.parametrize(
    "wrong", [{"captcha": 1.5}, {"opaque": -0.1}, {"latency_ms": -1}, {"credits": -1}, {"concurrency": 0}]
)
def test_a_knob_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(errors.ArgumentError):
        knobs.Knobs(**wrong)  # type: ignore[arg-type]


# --- the protocol -----------------------------------------------------------------------------------------------------


def _target(path: str = "/", token: str = "t", **search: str) -> str:
    url = "https://www.google.com/search?" + urlencode(search)
    return f"{path}?token={quote(token)}&url={quote(url, safe='')}"


@pytest.mark.parametrize(
    ("target", "status", "word"),
    [
        ("/", 401, "token"),
        (_target(token="wrong", q="x"), 401, "token"),
        ("/?token=right", 400, "google"),
        ("/?token=right&url=https%3A%2F%2Fexample.com%2F", 400, "google"),
        (_target(token="right"), 400, "q is missing"),
        (_target(token="right", q="x", start="many"), 400, "start"),
        (_target(token="right", q="x") + "&device=watch", 400, "device"),
        ("/plugin/google/search?token=right", 400, "q is missing"),
        ("/?token=right&disableRedirection=true&url=https%3A%2F%2Fexample.com", 400, "goto"),
        ("/other?token=right", 404, "route"),
    ],
)
def test_a_wrong_request_gets_the_status_and_the_error_object_of_the_service(target: str, status: int, word: str) -> None:
    with server.Sandbox(token="right") as sandbox:
        answer = sandbox.desk.answer(target)
    told = json.loads(answer.body)
    assert (answer.status, told["StatusCode"]) == (status, status)
    assert word in told["Message"][0]
    assert {"PossibleCauses", "ErrorType", "ErrorCode", "URL", "Contact"} <= set(told)
    assert answer.headers["Scrape.do-Request-Cost"] == "0"


def test_only_what_google_answered_is_charged() -> None:
    with server.Sandbox(credits=100) as sandbox:
        sandbox.force("busy", "captcha", "js_required", "")
        costs = [sandbox.desk.answer(_target(q="x")).headers["Scrape.do-Request-Cost"] for _ in range(4)]
        assert costs == ["0", "0", "10", "10"]
        assert sandbox.desk.answer(_target(q="x") + "&render=true").headers["Scrape.do-Remaining-Credits"] == "55"
        assert sandbox.desk.credits == 55


def _exchange(sandbox: server.Sandbox, sent: bytes) -> bytes:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as stream:
            return stream.read()


def test_one_connection_carries_many_requests() -> None:
    with server.Sandbox() as sandbox:
        said = _exchange(sandbox, b"GET /info?token=t HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert said.count(b"HTTP/1.1 200 OK\r\n") == said.count(b'"IsActive": true') == 3


@pytest.mark.parametrize(
    ("sent", "replies"),
    [
        (b"GET /info?token=t HTTP/1.1\r\nConnection: close\r\n\r\n" * 2, 1),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n" * 2, 1),
        (b"nonsense\r\n\r\n", 0),
        (b"GET /info?token=t HTTP/1.1\r\nHalf: a head", 0),
        (b"", 0),
        (b"G" * 200_000, 0),
    ],
)
def test_a_connection_ends_where_the_client_says_or_makes_no_sense(sent: bytes, replies: int) -> None:
    with server.Sandbox() as sandbox, contextlib.suppress(ConnectionError):
        assert _exchange(sandbox, sent).count(b"HTTP/1.1 ") == replies


def test_it_listens_on_loopback_only() -> None:
    with server.Sandbox() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert sandbox._server.socket.getsockname()[0] == "127.0.0.1"


def test_closing_it_ends_connections_that_are_still_open() -> None:
    with server.Sandbox() as sandbox:
        host, port = sandbox.url.removeprefix("http://").split(":")
        idle = socket.create_connection((host, int(port)))
        idle.sendall(b"GET /info?token=t HTTP/1.1\r\n\r\n")
        assert idle.recv(10)
    with idle:
        while idle.recv(65536):
            pass
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("sandbox", "Thread-process"))]


def test_the_log_holds_no_token() -> None:
    with server.Sandbox() as sandbox:
        sandbox.desk.answer(_target(token="s3cr3t", q="x"))
    assert "s3cr3t" not in repr(sandbox.requests) and len(sandbox.requests) == 1


# --- the command ------------------------------------------------------------------------------------------------------

SERVE = "from sandbox import knobs, server; server.serve(knobs.Knobs(), port={port}, say=lambda line: print(line, flush=True))"


def _serving(port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", SERVE.format(port=port)], cwd=config.ROOT, stdout=subprocess.PIPE, text=True)


def test_it_says_at_start_that_its_ranks_are_invented_and_ends_cleanly_on_sigterm() -> None:
    with _serving(0) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert "INVENTED" in line and "http://127.0.0.1:" in line


def test_a_taken_port_names_the_setting() -> None:
    with server.Sandbox() as sandbox, pytest.raises(errors.SystemFault, match="SANDBOX_URL"):
        server.Sandbox(port=int(sandbox.url.rsplit(":")[-1]))


# --- recorded pages ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def corpus() -> Path:
    folder = Path(os.environ.get("TRAWL_CORPUS") or config.ROOT.parent / "shared" / "corpus")
    if not (folder / "serp" / "truth.jsonl").exists():
        if os.environ.get("CI"):
            pytest.fail(f"no recorded pages in {folder}: set TRAWL_CORPUS")
        pytest.skip(f"no recorded pages in {folder} (TRAWL_CORPUS)")
    return folder


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
    from clients.serp import scrapedo_plugin

    text, line = next(iter(_newest(corpus, "2026").items()))
    with running(replay=corpus / "serp") as (sandbox, _):
        plugin = scrapedo_plugin.ScrapeDoPlugin(sandbox.url, SecretStr("x"), timeout_s=30)
        page = serp_json.parse_plugin(plugin.page(models.SerpQuery(text.upper()), start=0).body)
        plugin.api.close()
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
