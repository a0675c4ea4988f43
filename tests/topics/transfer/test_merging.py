"""What an import does where both sides say something, and with lines that are wrong."""

import gzip
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest

import models
from errors import ArgumentError
from lead_models import Fact
from state.leads import companies
from state.store import connection
from state.tracking import details, history, keywords, outcomes
from topics.access import saved_views
from topics.tracking import projects
from topics.transfer import exporting, files, import_report, importing
from topics.transfer.exporting import line
from topics.transfer.kinds import Scope
from topics.transfer.merging import Merging, Record, Rule, Word

FIRST = date(2026, 1, 1)


def header(version: int = 1) -> Record:
    return {"kind": exporting.HEADER, "version": version, "made_at": "2026-11-30T00:00:00+00:00", "counts": {}}


def run(*records: Record | bytes, **merging: Any) -> import_report.Report:
    texts = [record if isinstance(record, bytes) else line(record) for record in (header(), *records)]
    return importing.run(io.BytesIO(b"".join(texts)), Merging(**merging))


def exported(*kinds: str) -> list[Record]:
    """What an export says of these, without header and end."""
    found = (json.loads(text) for text in exporting.lines(Scope(), kinds))
    return [record for record in found if record["kind"] in kinds]


def ranked(keyword: models.Keyword, day: int, rank: int | None, url: str = "https://example.com/") -> None:
    on = FIRST + timedelta(day)
    found = (
        models.Rank(on, models.RankState.RANKED, 10, rank=rank, url=url, title="T")
        if rank
        else models.Rank(on, models.RankState.UNKNOWN, reason="captcha")
    )
    outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", found))


def tracked(*texts: str) -> list[models.Keyword]:
    projects.add("example.com", projects.Options(id="p"))
    projects.add_keywords("p", list(texts))
    return projects.find_keywords(list(texts), "p")


def days_of(keyword: models.Keyword) -> dict[int, int | str | None]:
    return {(one.day - FIRST).days: one.rank or one.reason for one in history.of(keyword.id)}


@pytest.mark.parametrize(
    ("rule", "same_day", "volume"),
    [(Rule.KEEP, 9, 5), (Rule.REPLACE, 1, 700), (Rule.NEWER, 9, 5)],
)
def test_no_day_of_a_history_is_lost_and_a_known_rank_wins_over_an_unknown_one(rule: Rule, same_day: int, volume: int) -> None:
    [theirs] = tracked("shoes")
    for day, rank in ((0, 4), (1, 1), (2, None), (3, 7)):
        ranked(theirs, day, rank, f"https://example.com/{day}")
    details.write_many("p", {theirs.id: details.Details(volume=700, tags=("old",))})
    file = exported("project", "keyword")
    connection.client().flushall()
    [ours] = tracked("shoes")
    for day, rank in ((1, 9), (2, 8), (3, None), (5, 2)):
        ranked(ours, day, rank)
    details.write_many("p", {ours.id: details.Details(volume=5)})

    report = run(*file, rule=rule)

    assert report.counts["keyword"] == {**dict.fromkeys(Word, 0), "merged": 1}
    assert days_of(ours) == {0: 4, 1: same_day, 2: 8, 3: 7, 5: 2}
    assert {(one.day - FIRST).days: one.url for one in history.of(ours.id)}[0] == "https://example.com/0"
    after = keywords.get(ours.id)
    assert (after.volume, after.tags) == (volume, ("old",)), "what only one side says is kept"


def test_the_checks_go_on_from_the_later_one() -> None:
    [theirs] = tracked("shoes")
    outcomes.finish(
        theirs, None, timedelta(days=1), outcomes.CheckOutcome("read", models.Rank(FIRST, models.RankState.NOT_FOUND, 10))
    )
    checked = keywords.get(theirs.id)
    file = exported("project", "keyword")
    connection.client().flushall()
    [ours] = tracked("shoes")

    run(*file)

    assert keywords.get(ours.id) == checked and keywords.next_due(ours.id) == checked.due_at


def test_a_keyword_that_is_changed_between_look_and_write_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    [theirs] = tracked("shoes")
    ranked(theirs, 0, 4)
    file = exported("project", "keyword")
    connection.client().flushall()
    [ours] = tracked("shoes")
    read, calls = importing.KINDS["keyword"].put.__globals__["copies"].read_many, []

    def read_and_check(project_id: str, ids: list[str]) -> Any:
        found = read(project_id, ids)
        if not calls:
            ranked(ours, 1, 3)
        calls.append(ids)
        return found

    monkeypatch.setattr("state.tracking.copies.read_many", read_and_check)
    run(*file)

    assert days_of(ours) == {0: 4, 1: 3} and len(calls) == 2


def test_companies_merge_fact_by_fact_and_a_typed_one_stays() -> None:
    def put(at_ms: int, employees: Fact, phone: str) -> None:
        facts = {"employees": employees, "phones": Fact(value=[phone], source="https://a.example/", at_ms=at_ms)}
        companies.put([companies.Update("", "https://a.example/", "a.example", "A", "a", (), facts, ("t",))])

    put(50, Fact(value=9, source="dns", at_ms=50), "+1")
    file = exported("company")
    connection.client().flushall()
    put(20, Fact(value=4, source="typed", at_ms=20), "+2")

    report = run(*file, rule=Rule.NEWER)

    [[company]] = companies.walk(None)
    assert report.counts["company"]["merged"] == 1
    assert (company.facts["employees"].value, company.facts["phones"].value) == (4, ["+1"])
    assert {name: fact.value for name, fact in companies.former(company.id)} == {"employees": 9, "phones": ["+2"]}
    assert run(*file, rule=Rule.NEWER).totals["merged"] == 0


def test_wrong_lines_are_refused_with_number_and_remedy_and_the_others_are_taken() -> None:
    tracked("shoes", "boots")
    project, *both = exported("project", "keyword")
    connection.client().flushall()
    lines = [
        (project, ""),
        (b"{broken\n", "no JSON"),
        (b"\n", None),
        ({"kind": "shoe"}, "no kind 'shoe'"),
        (b'{"kind":"keyword","days":[NaN]}\n', "no JSON"),
        ({**both[0], "colour": 1}, "`colour` is not known"),
        ({**both[0], "text": "hats"}, "the id"),
        ({**both[0], "days": [["2026-01-01", "ranked", 4, 10, 3]]}, "page 3"),
        ({**both[0], "days": [["2026-01-01", "guessed", 4, 10, None]]}, "cannot be read"),
        ({**both[0], "project": "other"}, "project other is not here"),
        ({**project, "domain": "other.com"}, "tracks example.com here"),
        ({**project, "id": "q", "depth": 7}, "--depth 7"),
        ({"kind": "limit", "of": "nothing", "most": 3}, "no job is of the kind"),
        ({"kind": "budget", "scope": "no scope"}, "is no scope"),
        (b"x" * (importing.LONGEST + 9) + b"\n", "MiB"),
        (both[1], ""),
    ]
    report = run(*(record for record, _ in lines))

    named = {one.line: one.reason for one in report.refused}
    for number, (_, says) in enumerate(lines, 2):
        assert (says in named[number]) if says else number not in named, (number, says, named.get(number))
    assert report.totals["new"] == 2 and report.is_cut_off
    assert [one.text for one in keywords.in_project("p")] == [both[1]["text"]]


def test_a_file_of_a_newer_version_and_what_is_no_export_are_refused_whole() -> None:
    for first, says in ((header(2), "update it first"), ({"kind": "project"}, "no export"), (b"keyword\n", "keyword import")):
        with pytest.raises(ArgumentError, match=says):
            importing.run(io.BytesIO(first if isinstance(first, bytes) else line(first)), Merging())


def test_a_packed_file_that_breaks_off_is_imported_as_far_as_it_goes_and_then_again() -> None:
    tracked(*(f"word {number}" for number in range(400)))
    whole = gzip.compress(b"".join(exporting.lines(Scope())))
    connection.client().flushall()

    half = importing.run(files.unpacked(io.BytesIO(whole[: len(whole) // 2])), Merging())
    assert half.is_cut_off and 0 < half.totals["new"] < 402
    rest = importing.run(files.unpacked(io.BytesIO(whole)), Merging())

    assert not rest.is_cut_off and rest.totals["refused"] == 0
    assert rest.totals["new"] + half.totals["new"] >= 401 and keywords.count_of("p") == 400


def test_a_caller_with_a_key_imports_as_itself_and_only_what_it_may() -> None:
    saved_views.add("user:ada", "Failed", "/jobs?status=failed", "ada")
    facts = {"name": Fact(value="A", source="dns", at_ms=1)}
    companies.put([companies.Update("ada", "https://a.example/", "a.example", "A", "a", (), facts)])
    lines = [*exported("view", "company"), {"kind": "budget", "scope": "system", "micro_usd": 1, "zone": "UTC"}]
    connection.client().flushall()

    report = run(*lines, owner="shop", holder="key:shop", is_admin=False)

    assert {record.get("owner") for record in exported("view", "company")} == {"shop", "key:shop"}
    assert [one.reason for one in report.refused] == [
        "a budget needs the role admin: ask somebody who has it to import this line"
    ]


def test_a_scope_of_a_key_tells_nothing_of_others() -> None:
    for owner in ("ada", "shop"):
        facts = {"name": Fact(value=owner, source="dns", at_ms=1)}
        companies.put([companies.Update(owner, "", f"{owner}.example", owner, owner, (), facts)])
        saved_views.add(f"key:{owner}", "Failed", "/jobs?status=failed", owner)
    text = b"".join(exporting.lines(Scope("shop", "key:shop", is_admin=False)))
    assert b"shop.example" in text and b"ada.example" not in text and b"key:ada" not in text and b'"setting"' not in text


def test_what_is_damaged_keeps_nothing_else_back(store: Any) -> None:
    found = tracked(*(f"word {number}" for number in range(5)))
    projects.add("broken.example", projects.Options(id="q"))
    companies.put([companies.Update("", "", f"{name}.example", name, name) for name in ("a", "b")])
    ids = [one.id for chunk in companies.walk(None) for one in chunk]
    store.hdel("trawl:project:q", "folder")
    store.hset(f"trawl:keyword:{found[0].id}", "d", "soon")
    store.delete(f"trawl:keyword:{found[1].id}:ranks")
    store.hset(f"trawl:keyword:{found[1].id}:ranks", "a", "b")
    store.hset(f"trawl:lead:{ids[0]}", "f:phones", "nonsense")

    text = b"".join(exporting.lines(Scope()))
    store.flushall()
    report = importing.run(io.BytesIO(text), Merging())

    assert report.totals["refused"] == 0 and report.counts["damaged"]["kept"] == 4
    assert {one.reason.split(" was damaged")[0] for one in report.notes} == {
        *(f"keyword {one.id}" for one in found[:2]),
        "project q",
        f"company {ids[0]}",
    }
    assert keywords.count_of("p") == 3 and companies.count(None) == 1
