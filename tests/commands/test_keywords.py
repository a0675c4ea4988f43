"""`keyword`: add, list, show, history, archive, unarchive, remove."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

import clock
import models
from state.engine import counters
from state.tracking import history, keywords, outcomes
from tests.commands.conftest import Run, keyword_ids
from tests.state.test_texts import stored_before
from topics.tracking import projects


def rank(days_ago: int, state: str, **fields: Any) -> models.Rank:
    return models.Rank(clock.now().date() - timedelta(days=days_ago), models.RankState(state), **fields)


def remember(keyword: models.Keyword, *ranks: models.Rank) -> None:
    for one in ranks:
        outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", one))


@pytest.fixture
def tracked(keyword: models.Keyword) -> models.Keyword:
    """`blue shoes`: 9, 3, not found, unknown, and today 4 by the sandbox."""
    page = {"url": "https://example.com/shoes", "title": "Blue shoes"}
    remember(
        keyword,
        rank(9, "ranked", rank=9, scanned=10, **page),
        rank(3, "ranked", rank=3, scanned=10, **page),
        rank(2, "not_found", scanned=10),
        rank(1, "unknown", reason="captcha"),
        rank(0, "ranked", rank=4, scanned=10, approximate=True, sandbox=True, **page),
    )
    return keyword


def test_added_keywords_are_counted_apart_from_those_that_were_there(run: Run, keyword: models.Keyword) -> None:
    result = run("keyword", "add", "example.com", "Blue  Shoes", "red shoes", "C++")

    assert (result.exit_code, result.stdout) == (0, "2 added, 1 were there.\n")
    assert len(keyword_ids("example.com")) == 3


def test_one_bad_keyword_adds_none(run: Run, project: models.Project) -> None:
    result = run("keyword", "add", "example.com", "good", " ")

    assert (result.exit_code, keyword_ids("example.com")) == (2, [])
    assert result.stderr == "Error: the keyword ' ' must be 1 to 400 characters\n"


def test_a_keyword_that_was_never_checked_has_no_rank(run: Run, keyword: models.Keyword) -> None:
    shown = run("keyword", "show", "blue shoes", "--project", "example.com").stdout

    assert "last\tunknown: never checked\n" in shown and "next due\tnow\n" in shown
    assert "best" not in shown and "error" not in shown and "processing" not in shown


def test_show_says_the_rank_with_url_and_title_and_what_came_before(run: Run, tracked: models.Keyword) -> None:
    shown = dict(line.split("\t", 1) for line in run("keyword", "show", tracked.id).stdout.splitlines())

    today = date.fromisoformat(clock.now().date().isoformat())
    assert shown["last"] == f"ranked 4 (approximate, sandbox) on {today}"
    assert shown["previous"] == f"not found in the first 10 scanned on {today - timedelta(days=2)}"
    assert shown["best"] == f"ranked 3 on {today - timedelta(days=3)}"
    assert shown["first"] == f"ranked 9 on {today - timedelta(days=9)}"
    assert (shown["  url"], shown["  title"]) == ("https://example.com/shoes", "Blue shoes")
    assert shown["line"].startswith("·" * 20 + "▅" + "·" * 5 + "▇_·▆") and "· unknown" in shown["line"]


def test_a_page_is_told_where_it_is_another_one(run: Run, keyword: models.Keyword) -> None:
    old, new = ({"url": f"https://example.com/{name}", "title": name, "scanned": 10} for name in ("old", "new"))
    remember(keyword, rank(2, "ranked", rank=2, **old), rank(1, "ranked", rank=5, **new), rank(0, "ranked", rank=4, **new))
    shown = run("keyword", "show", keyword.id).stdout

    assert [line.split("\t")[1][-3:] for line in shown.splitlines() if line.startswith("  url")] == ["new", "old"]
    assert shown.index("previous") < shown.index("best") < shown.index("/old") < shown.index("first")


def test_a_failed_check_is_an_unknown_with_its_error_and_never_a_drop(run: Run, tracked: models.Keyword) -> None:
    error = {"category": "blocked", "message": "Google asked for a captcha", "job": "j"}
    unknown = rank(-1, "unknown", reason="captcha")
    outcomes.finish(tracked, None, timedelta(days=1), outcomes.CheckOutcome("failed", unknown, 300, error=error))

    found = json.loads(run("keyword", "show", tracked.id, "--json").stdout)
    shown = run("keyword", "show", tracked.id).stdout

    assert found["last"]["says"] == "unknown: captcha" and found["last"]["rank"] is None
    assert found["previous"]["rank"] == 4 and found["best"]["rank"] == 3
    assert found["failures"] == 1 and found["error"]["category"] == "blocked"
    assert "last error\tblocked: Google asked for a captcha (" in shown and "1 in a row" in shown


def test_show_says_which_job_has_it_since_when(run: Run, keyword: models.Keyword) -> None:
    run("serp", "batch")

    found = json.loads(run("keyword", "show", keyword.id, "--json").stdout)["processing"]
    shown = run("keyword", "show", keyword.id).stdout

    assert found["job"].startswith(f"serp-{keyword.id}") and found["job_status"] == "queued" and found["for_s"] < 60
    assert f"processing\tby job {found['job']} (queued) for " in shown and "since\t2" in shown


def test_history_is_newest_first_and_an_unknown_is_a_gap(run: Run, tracked: models.Keyword) -> None:
    *rows, line = run("keyword", "history", tracked.id).stdout.splitlines()

    assert [row.split("\t")[1] for row in rows] == [
        "rank",
        "ranked 4 (approximate, sandbox)",
        "unknown: captcha",
        "not found in the first 10 scanned",
        "ranked 3",
        "ranked 9",
    ]
    assert line.startswith("·" * 20 + "▅·····▇_·▆")
    assert [row["rank"] for row in json.loads(run("keyword", "history", tracked.id, "--json").stdout)] == [4, None, None, 3, 9]


def test_the_list_gives_the_last_rank_in_words(run: Run, tracked: models.Keyword) -> None:
    row = run("keyword", "list", "example.com").stdout.splitlines()[1].split("\t")

    assert row[:4] == [tracked.id, "blue shoes", "ranked 4 (approximate, sandbox)", "https://example.com/shoes"]
    (found,) = json.loads(run("keyword", "list", "example.com", "--json").stdout)
    assert found["last"]["says"] == "ranked 4 (approximate, sandbox)"


def test_the_list_ends_at_its_limit_and_says_so(run: Run, project: models.Project) -> None:
    projects.add_keywords("example.com", [f"keyword {number}" for number in range(130)])

    short, cut = run("keyword", "list", "example.com"), run("keyword", "list", "example.com", "--limit", 5)
    whole, as_json = run("keyword", "list", "example.com", "--limit", 0), run("keyword", "list", "example.com", "--json")

    assert [len(result.stdout.splitlines()) for result in (short, cut, whole)] == [101, 6, 131]
    assert "There are more" in short.stderr and "There are more" in cut.stderr and whole.stderr == ""
    assert len(json.loads(as_json.stdout)) == 130


def test_archived_keywords_are_not_checked_until_they_are_unarchived(run: Run, keyword: models.Keyword) -> None:
    projects.add_keywords("example.com", ["red shoes"])

    assert run("keyword", "archive", keyword.id, "red shoes", "--project", "example.com").stdout == (
        "2 archived, 0 were archived already.\n"
    )
    assert json.loads(run("serp", "batch", "--json").stdout)["total"] == 0
    assert json.loads(run("keyword", "list", "example.com", "--json").stdout) == []
    assert len(json.loads(run("keyword", "list", "example.com", "--archived", "--json").stdout)) == 2
    assert "next due\tarchived: " in run("keyword", "show", keyword.id).stdout

    assert run("keyword", "unarchive", keyword.id).stdout == "1 unarchived, 0 were not archived.\n"
    assert len(json.loads(run("keyword", "list", "example.com", "--json").stdout)) == 1
    assert len(json.loads(run("keyword", "list", "example.com", "--all", "--json").stdout)) == 2


@pytest.mark.parametrize("command", ["archive", "unarchive", "remove"])
def test_an_unknown_keyword_stops_it_before_anything_changes(run: Run, keyword: models.Keyword, command: str) -> None:
    before = keywords.get(keyword.id)

    result = run("keyword", command, keyword.id, "nope")

    assert result.exit_code == 1 and result.stderr.startswith("Error: No keyword 'nope'")
    assert keywords.get(keyword.id) == before


@pytest.mark.parametrize("part", ["ranks", "pages", "error"])
def test_the_name_of_another_key_is_no_keyword(run: Run, tracked: models.Keyword, part: str) -> None:
    result = run("keyword", "show", f"{tracked.id}:{part}", "--project", "example.com")

    assert result.exit_code == 1 and result.stderr.startswith(f"Error: No keyword '{tracked.id}:{part}' in example.com.")


def test_a_removed_keyword_leaves_nothing(run: Run, tracked: models.Keyword, store: Any) -> None:
    assert run("keyword", "remove", tracked.id, input="n\n").exit_code == 1
    assert history.of(tracked.id)

    assert run("keyword", "remove", tracked.id, "--yes").stdout == "1 removed.\n"

    assert store.keys(f"trawl:keyword:{tracked.id}*") == [] and keyword_ids("example.com") == []
    assert counters.counted("scraped") == 0


@pytest.mark.parametrize("command", [["show", "X"], ["history", "X"], ["show", "X", "--json"], ["list", "example.com"]])
def test_looking_changes_nothing(run: Run, tracked: models.Keyword, store: Any, command: list[str]) -> None:
    before = {key: store.dump(key) for key in store.scan_iter()}

    assert run("keyword", *(tracked.id if word == "X" else word for word in command)).exit_code == 0

    assert {key: store.dump(key) for key in store.scan_iter()} == before


def test_tags_volume_and_target_page_are_shown_listed_and_changed(run: Run, keyword: models.Keyword) -> None:
    added = run(
        "keyword", "add", "example.com", "blue shoes", "red shoes", "--tag", "shoes", "--volume", 1200, "--target-url", "/shoes"
    )
    shown = run("keyword", "show", keyword.id).stdout

    assert added.stdout == "1 added, 1 were there. 1 updated.\n"
    assert "volume\t1,200 searches a month\n" in shown and "tags\tshoes\n" in shown and "target page\t/shoes\n" in shown

    where = ("--project", "example.com")
    assert run("keyword", "set", "blue shoes", *where, "--tag", "Blue", "--untag", "SHOES", "--volume", -1).stdout == (
        "1 changed, 0 were like that already.\n"
    )
    assert run("keyword", "set", "blue shoes", *where, "--tag", "blue").stdout == "0 changed, 1 were like that already.\n"
    [found] = json.loads(run("keyword", "list", "example.com", "--tag", "blue", "--json").stdout)
    assert (found["keyword"], found["tags"], found["volume"], found["target_url"]) == ("blue shoes", ["Blue"], None, "/shoes")
    assert "red shoes" in run("keyword", "list", "example.com", "--tag", "shoes").stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [((), "nothing to change"), (("--tag", "-"), "--tag '-'"), (("--target-url", "see notes"), "--target-url 'see notes'")],
)
def test_what_cannot_be_told_of_a_keyword_is_refused(
    run: Run, keyword: models.Keyword, options: tuple[str, ...], says: str
) -> None:
    result = run("keyword", "set", keyword.id, *options)

    assert result.exit_code == 2 and says in result.stderr and keywords.get(keyword.id) == keyword


def test_a_text_is_kept_as_it_is_typed(run: Run, project: models.Project) -> None:
    typed = ["Fußball Trikot", "cat OR dog", "-minus word", "-50% Rabatt", '"exact phrase"', "site:example.com -shop"]
    assert run("keyword", "add", "example.com", *typed).stdout == "6 added, 0 were there.\n"

    assert {row["keyword"] for row in json.loads(run("keyword", "list", "example.com", "--json").stdout)} == set(typed)
    for text in typed:
        assert json.loads(run("keyword", "show", text, "--project", "example.com", "--json").stdout)["keyword"] == text
    assert run("keyword", "archive", "-minus word", "--project", "example.com").stdout == "1 archived, 0 were archived already.\n"
    assert run("serp", "check", "--project=example.com", "--nosuch", "-minus word").exit_code == 2


@pytest.mark.parametrize("command", [("keyword", "add", "example.com"), ("keyword", "show"), ("keyword", "remove")])
def test_a_misspelt_option_is_no_text_and_the_way_to_mean_one_is_told(
    run: Run, project: models.Project, command: tuple[str, ...]
) -> None:
    result, short = run(*command, "--tagg", "x"), run(*command, "x", "-p", "y")

    assert short.exit_code == 2 and "-p" in short.stderr and "Put -- before" in short.stderr
    assert (
        result.exit_code == 2
        and "--tagg" in result.stderr
        and "Put -- before" in result.stderr
        and keyword_ids("example.com") == []
    )
    assert run("keyword", "add", "example.com", "--", "--tagg").stdout == "1 added, 0 were there.\n"


def test_words_that_google_ignores_are_told(run: Run, project: models.Project) -> None:
    result = run("keyword", "add", "example.com", " ".join(f"w{number}" for number in range(34)), "short one")

    assert result.stdout == "2 added, 0 were there.\n" and "ignores the rest: 'w32 w33'" in result.stderr


def test_an_older_keyword_gets_its_text_back_and_it_is_told(run: Run, project: models.Project) -> None:
    word = stored_before("fussball trikot", "example.com")
    added = run("keyword", "add", "example.com", "Fußball Trikot").stdout.splitlines()

    assert added == ["The text 'fussball trikot' is 'Fußball Trikot' now; its history stays.", "0 added, 1 were there."]
    assert keywords.get(word).text == "Fußball Trikot"


def test_respelling_reads_texts_and_a_file_and_names_what_is_not_there(run: Run, project: models.Project, tmp_path: Any) -> None:
    stored_before("fussball", "example.com"), stored_before("cat or dog", "example.com")
    file = tmp_path / "texts.txt"
    file.write_text("\ufeffFußball\n\n nosuch \n", encoding="utf-8")
    result = run("keyword", "respell", "example.com", "cat OR dog", "--file", file)

    assert result.stdout.splitlines() == [
        "The text 'cat or dog' is 'cat OR dog' now; its history stays.",
        "The text 'fussball' is 'Fußball' now; its history stays.",
        "2 changed, 1 text of no keyword.",
    ]
    assert result.exit_code == 1 and "No keyword 'nosuch' in example.com" in result.stderr
    assert run("keyword", "respell", "nosuch", "x").exit_code == 1


def test_the_history_says_between_its_days_what_changed(run: Run, tracked: models.Keyword) -> None:
    with clock.frozen(clock.now() - timedelta(days=2)):
        projects.change("example.com", {"country": "de", "zone": "Asia/Tokyo"})
    cells = [row.split("\t")[:2] for row in run("keyword", "history", tracked.id).stdout.splitlines()[1:-1]]

    days = [day for day, _ in cells]
    said = [words for _, words in cells]
    assert days == sorted(days, reverse=True) and len(cells) == 7
    at = said.index("changed: zone UTC → Asia/Tokyo")  # the newest first
    assert said[at + 1] == "changed: country us → de"
    assert said.index("ranked 4 (approximate, sandbox)") < at < said.index("ranked 3")
    assert len(json.loads(run("keyword", "history", tracked.id, "--json").stdout)) == 5


def test_a_keyword_that_only_failed_was_never_ranked(run: Run, keyword: models.Keyword) -> None:
    remember(keyword, rank(1, "unknown", reason="captcha"))
    found = json.loads(run("keyword", "show", keyword.id, "--json").stdout)

    assert [found[name]["says"] for name in ("last", "previous", "best", "first")] == [
        "unknown: captcha", "none before", "never ranked", "never ranked"]  # fmt: skip
    assert "never" not in run("keyword", "show", keyword.id).stdout
