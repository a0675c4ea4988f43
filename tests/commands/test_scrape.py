"""`scrape`: what it submits, shows and writes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import config
from tests.commands.conftest import Run
from tests.topics.scraping import inline_work
from tests.topics.scraping import site as sites
from tests.topics.scraping.inline_work import Work
from topics.scraping import lanes, robots_rules, stored

QUICK = '{"delay_between_requests": 0, "retry_delay": 0}'


@pytest.fixture(autouse=True)
def allowed(settings: config.Settings) -> Iterator[None]:
    """Loopback may be fetched."""
    lanes._course.cache_clear()
    stored.store.cache_clear()
    robots_rules.kept.clear()
    with config.overridden(fetch_allow_networks="127.0.0.0/8", host_concurrency=50):
        yield
    stored.store.cache_clear()


@pytest.fixture
def site() -> Iterator[sites.Site]:
    """Three pages, and a link that leads nowhere."""
    pages: dict[str, sites.Page] = {"/": sites.page("Home", "/a", "/b", "/gone"), "/a": sites.page("A"), "/b": sites.page("B")}
    with sites.served(pages) as served:
        yield served


@pytest.fixture
def work_off() -> Work:
    """Runs the jobs of all queues."""
    return inline_work.off


def submitted(run: Run, *args: str) -> str:
    told = run("scrape", *args, "--config", QUICK, "--json")
    assert told.exit_code == 0, told.output
    return str(json.loads(told.stdout)["id"])


def test_one_page_is_submitted_shown_and_written(run: Run, site: sites.Site, work_off: Work) -> None:
    job = submitted(run, f"{site.url}/a")
    assert "pending" in run("scrape", "show", job).output
    work_off()
    shown = json.loads(run("scrape", "show", job, "--json").stdout)
    assert (shown["state"], shown["kind"]) == ("completed", "page")
    [record] = json.loads(run("scrape", "result", job).output)
    assert (record["title"], record["url"]) == ("A", f"{site.url}/a")
    assert run("scrape", "result", job, "--format", "md").output.startswith("# A\n")


def test_a_crawl_is_shown_with_sums_and_written_in_every_format(
    run: Run,
    site: sites.Site,
    work_off: Work,
    tmp_path: Path,
) -> None:
    crawl = submitted(run, "crawl", f"{site.url}/")
    work_off()
    shown = json.loads(run("scrape", "show", crawl, "--json").stdout)
    assert (shown["state"], shown["found"], shown["done"], shown["failed"]) == ("complete", 4, 3, {"data": 1})
    assert "1 (data 1)" in run("scrape", "show", crawl).output
    lines = run("scrape", "result", crawl, "--format", "jsonl").output.splitlines()
    assert {json.loads(line)["title"] for line in lines} == {"Home", "A", "B"}
    assert len(run("scrape", "result", crawl, "--format", "jsonl", "--all").output.splitlines()) == 4
    file = tmp_path / "pages.csv"
    assert run("scrape", "result", crawl, "--format", "csv", "--output", file).output == f"Wrote 3 records to {file}.\n"
    assert file.read_text(encoding="utf-8-sig").splitlines()[0].startswith("url,final_url,outcome,status,title")
    again = json.loads(run("scrape", "reparse", crawl, "--json").stdout)
    assert (again["read"], again["changes"], again["problems"]) == (3, [], [])


def test_a_batch_of_a_file_can_be_stopped_continued_and_replayed(
    run: Run,
    site: sites.Site,
    work_off: Work,
    tmp_path: Path,
) -> None:
    file = tmp_path / "urls.txt"
    file.write_text(f"# ours\n{site.url}/a\n\n{site.url}/gone\n")
    batch = submitted(run, "batch", str(file))
    assert run("scrape", "stop", batch).output == f"{batch} is stopped.\n"
    work_off()
    assert json.loads(run("scrape", "show", batch, "--json").stdout)["pending"] == 2
    assert run("scrape", "continue", batch).exit_code == 0
    work_off()
    assert json.loads(run("scrape", "show", batch, "--json").stdout)["state"] == "complete"
    child = json.loads(run("scrape", "replay", batch, "--json").stdout)["id"]
    work_off()
    shown = json.loads(run("scrape", "show", child, "--json").stdout)
    assert (shown["parent"], shown["found"], shown["state"]) == (batch, 1, "failed")


def test_a_map_is_written_as_addresses(run: Run, site: sites.Site, work_off: Work) -> None:
    job = submitted(run, "map", f"{site.url}/")
    work_off()
    found = [json.loads(line)["url"] for line in run("scrape", "result", job, "--format", "jsonl").output.splitlines()]
    assert found == [f"{site.url}{path}" for path in ("/", "/a", "/b", "/gone")]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("ftp://example.com",), "http"),
        (("https://example.com", "--config", "{"), "no JSON"),
        (("https://example.com", "--config", "@nowhere.json"), "cannot be read"),
        (("https://example.com", "--config", '{"wait": 1}'), "no option"),
        (("https://example.com", "--priority", "urgent"), "No queue"),
        (("show", "nothing"), "No scrape nothing"),
        (("result", "nothing"), "No scrape nothing"),
        (("replay", "nothing"), "No batch or crawl"),
        (("stop", "nothing"), "No batch or crawl"),
        (("continue", "nothing"), "No batch or crawl"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run: Run, args: tuple[str, ...], says: str) -> None:
    told = run("scrape", *args)
    assert told.exit_code in (1, 2) and says in told.output and told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "names no address"),
        (b"# a remark\n\n", "names no address"),
        (bytes(range(256)) * 9, "is no text"),
        (b"https://example.com/\0\n", "is no text"),
        (b"https://example.com/\nhttps://example.com/caf\xe9\n", "is no text"),
    ],
)
def test_a_list_that_is_none_is_refused_in_one_line(run: Run, tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(data)
    told = run("scrape", "batch", str(path))
    assert told.exit_code == 2 and says in told.output and told.output.count("\n") == 1


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_list_may_be_as_windows_writes_it(run: Run, site: sites.Site, work_off: Work, tmp_path: Path, codec: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(f"{site.url}/a\r\n  # remark\r\n{site.url}/b\r\n".encode(codec))
    made = submitted(run, "batch", str(path))
    work_off()
    assert json.loads(run("scrape", "show", made, "--json").stdout)["done"] == 2
