"""Who ranks beside a project: counted from what the checks saw, with unknown days as gaps and nothing fetched."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

import clock
import errors
import models
from state.store import connection
from state.tracking import competitors as kept_counts
from state.tracking import details, keys, keywords, outcomes, projects, serp_summaries
from state.tracking.serp_summaries import Summary
from tests.state import DAY, NOON, TODAY, project, ranked, tracked, words
from topics.tracking import competitors, head_to_head, overview
from topics.tracking import projects as tracking


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def see(word: str, *hosts: str, ours: Sequence[int] = (), back: int = 0, **fields: object) -> None:
    """What a check saw so many days ago: domains by rank, and which of them are ours."""
    day = TODAY - timedelta(days=back)
    own = tuple((f"https://example.com/{rank}", rank) for rank in ours)
    shown = tuple((host, rank) for rank, host in enumerate(hosts, 1))
    one = Summary(day, shown, ours=own, scanned=len(hosts), **{"features": frozenset({"general"}), **fields})  # type: ignore[arg-type]
    rank = ranked(ours[0], day=day) if ours else models.Rank(day, models.RankState.NOT_FOUND, len(hosts))
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("reparsed", rank, serp=one))


def standing(facts: dict, domain: str) -> dict:
    return next(one for one in facts["leaders"] if one["domain"] == domain)


def test_a_share_is_weight_times_volume_over_that_of_all_domains() -> None:
    first, second = tracked(2)
    details.write_many("p", {first: details.Details(volume=9)})
    see(first, "a.test", "b.test", "example.com", "c.test", ours=[3])  # weights 1, 1, 1, .85
    see(second, "b.test", "a.test", *["x.test"] * 3, "example.com", ours=[6])  # x.test counts once, at 3; .5 for us
    facts = competitors.make("p")
    total = 9 * 3.85 + 1 + 1 + 1 + 0.5
    assert facts["ours"]["share"] == round((9 + 0.5) / total, 5) and facts["ours"]["domain"] == "example.com"
    assert standing(facts, "a.test")["share"] == standing(facts, "b.test")["share"] == round(10 / total, 5)
    assert standing(facts, "x.test")["share"] == round(1 / total, 5)
    assert [one["domain"] for one in facts["leaders"]] == ["a.test", "b.test", "c.test", "x.test"]
    assert sum(one["share"] for one in [facts["ours"], *facts["leaders"]]) == pytest.approx(1, abs=1e-4)


def test_our_visibility_is_that_of_the_overview() -> None:
    first, second = tracked(2)
    see(first, "a.test", "b.test", "a.test", "example.com", ours=[4])
    see(second, "a.test")
    assert competitors.make("p")["ours"]["visibility"] == overview.make("p")["visibility"] == 0.425


def test_who_stands_above_and_below_us() -> None:
    first, second, third = tracked(3)
    see(first, "a.test", "example.com", "b.test", ours=[2])
    see(second, "a.test", "b.test")
    see(third, "example.com", "b.test", ours=[1])
    facts = competitors.make("p")
    assert [(standing(facts, one)["above"], standing(facts, one)["below"]) for one in ("a.test", "b.test")] == [(2, 0), (1, 2)]
    assert (facts["ours"]["keywords"], facts["ours"]["top_3"]) == (2, 2)
    beaten = [(row["keyword"], row["theirs"], row["ours"], row["worth"]) for row in facts["beaten_by"]["a.test"]]
    assert beaten == [("word 1", 1, None, 1.0), ("word 0", 1, 2, 0.0)]


def test_results_of_our_domain_that_are_not_ours_are_another_voice() -> None:
    project("q", domain="blog.example.com")
    [word] = words("q", 1)
    see(word, "example.com", "example.com", ours=[2])
    facts = competitors.make("q")
    assert facts["ours"]["share"] == 0.5 and standing(facts, "example.com")["above"] == 1


def test_a_page_that_is_too_old_or_was_never_read_is_left_out_and_counted() -> None:
    first, second, _never = tracked(3)
    see(first, "a.test", back=2)
    see(second, "b.test", back=3)
    facts = competitors.make("p")
    assert (facts["keywords"], facts["counted"], facts["left_out"]) == (3, 1, 2)
    assert [one["domain"] for one in facts["leaders"]] == ["a.test"]


def test_the_course_has_gaps_where_nothing_is_known_and_changes_only_between_known_days() -> None:
    [word] = tracked()
    see(word, "a.test", "example.com", ours=[2], back=9)
    see(word, "a.test")
    facts = competitors.make("p")
    course = {day["day"]: day for day in facts["course"]}
    assert len(facts["course"]) == 30 and list(course)[-1] == TODAY.isoformat()
    known = [back for back in range(30) if course[(TODAY - timedelta(days=back)).isoformat()]["ours"] is not None]
    assert known == [0, 7, 8, 9], "a page counts for two days after it was read"
    assert course[(TODAY - timedelta(days=8)).isoformat()]["shares"] == {"a.test": 0.5}
    assert standing(facts, "a.test")["changes"] == {"days_1": None, "days_7": 0.5, "days_28": None}
    gained, lost = facts["movers"]["days_7"]["gained"], facts["movers"]["days_7"]["lost"]
    assert [(one["domain"], one["change"]) for one in (*gained, *lost)] == [("a.test", 0.5), (None, -0.5)]
    assert facts["movers"]["days_1"] == {"gained": [], "lost": []}


def test_features_are_counted_with_the_pages_that_name_us() -> None:
    first, second, third = tracked(3)
    see(first, "a.test", features=frozenset({"general", "ai_overview", "maps"}), cited=True, sourced=True)
    see(second, "a.test", features=frozenset({"ai_overview"}))
    see(third, "a.test", sandbox=True)
    see(first, "a.test", features=frozenset({"maps"}), back=7)
    facts = competitors.make("p")
    assert [(one["feature"], one["keywords"], one["before"], one["ours"]) for one in facts["features"]] == [
        ("ai_overview", 2, 0.0, 1),
        ("maps", 1, 1.0, None),
    ]
    assert facts["sandbox"] == 1 and facts["features"][0]["known"] == 1, "of the other overview no source was read"


def test_pins_are_kept_told_and_bounded() -> None:
    [word] = tracked()
    see(word, "a.test")
    assert competitors.pin("p", "https://www.Rival.co.uk/x") == "rival.co.uk"
    competitors.pin("p", "rival.co.uk")
    facts = competitors.make("p")
    assert facts["pins"] == ["rival.co.uk"] and standing(facts, "rival.co.uk")["pinned"]
    assert facts["course"][-1]["shares"] == {"a.test": 1.0, "rival.co.uk": 0.0}
    for number in range(9):
        competitors.pin("p", f"{number}.test")
    with pytest.raises(errors.ArgumentError, match="10 domains are pinned already"):
        competitors.pin("p", "one-more.test")
    competitors.unpin("p", "rival.co.uk")
    assert kept_counts.pins("p") == tuple(f"{number}.test" for number in range(9))
    assert projects.get("p").domain == "example.com"


@pytest.mark.parametrize("domain", ["", "two words", "co.uk", "example.com", "www.example.com", "a\nb.test"])
def test_what_cannot_be_pinned_is_refused(domain: str) -> None:
    tracked()
    with pytest.raises(errors.ArgumentError):
        competitors.pin("p", domain)
    assert kept_counts.pins("p") == ()


def test_a_pin_of_no_project_is_refused_and_makes_none() -> None:
    with pytest.raises(errors.NotFound):
        kept_counts.pin("nosuch", "a.test")
    assert not connection.client().exists("trawl:project:nosuch")


def test_the_count_is_kept_and_goes_with_its_project() -> None:
    [word] = tracked()
    see(word, "a.test")
    facts = competitors.make("p")
    kept = competitors.kept("p")
    assert kept and kept[0] == json.loads(json.dumps(facts)) and kept[1] == 0
    tracking.remove("p")
    assert competitors.kept("p") is None and not connection.client().exists(keys.serps(word))


def test_an_empty_project_is_counted_too() -> None:
    project()
    facts = competitors.make("p")
    assert (facts["keywords"], facts["ours"]["share"], facts["leaders"], facts["features"]) == (0, None, [], [])


def test_many_domains_are_told_up_to_a_bound_and_the_file_of_the_count_stays_small() -> None:
    found = tracked(40)
    for number, word in enumerate(found):
        see(word, *(f"www{number}-{rank}.test" for rank in range(20)))
    facts = competitors.make("p")
    assert len(facts["leaders"]) == competitors.LEADERS and facts["domains"] == 800
    assert len(json.dumps(facts)) < 100_000


def test_of_a_keyword_its_first_domains_and_the_pinned_ones_are_told_with_their_course() -> None:
    [word] = tracked()
    competitors.pin("p", "pinned.test")
    see(word, "a.test", "b.test", back=3)
    see(word, "b.test", "example.com", "a.test", ours=[2], back=1)
    told = competitors.of_keyword(keywords.get(word), TODAY, most=2)
    assert told["days"] == [(TODAY - timedelta(days=back)).isoformat() for back in (3, 1)]
    assert [(one["domain"], one["rank"], one["before"], one["best"], one["ranks"]) for one in told["domains"]] == [
        ("b.test", 1, 2, 1, [2, 1]),
        ("", 2, None, 2, [None, 2]),
        ("pinned.test", None, None, None, [None, None]),
    ]
    assert competitors.of_keyword(keywords.get(words("p", 1, 1)[0]), TODAY)["days"] == []


def test_head_to_head_goes_through_all_keywords_by_its_cursor() -> None:
    found = tracked(700)
    for number, word in enumerate(found):
        hosts = ["a.test", "b.test", "c.test"] if number % 3 else ["b.test", "example.com", "a.test"]
        see(word, *hosts, ours=[] if number % 3 else [2])
    rows, cursor, rounds = list[dict](), "", 0
    while True:
        page = head_to_head.page("p", "a.test", "above", limit=100, cursor=cursor)
        assert len(page.rows) <= 100
        rows, cursor, rounds = [*rows, *page.rows], page.cursor, rounds + 1
        if not cursor:
            break
    expected = {word for number, word in enumerate(found) if number % 3}
    assert {row["id"] for row in rows} == expected and len(rows) == len(expected) and rounds > 4
    assert all((row["theirs"], row["ours"], row["who"]) == (1, None, "they") for row in rows)
    assert head_to_head.page("p", "a.test", "below", limit=1000).rows[0]["who"] == "we"
    assert head_to_head.page("p", "nobody.test").rows == []


def test_a_page_looks_at_a_bounded_number_of_keywords_and_few_where_each_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    found = tracked(2_000)
    looked: list[int] = []
    read = serp_summaries.briefs_of_many
    monkeypatch.setattr(serp_summaries, "briefs_of_many", lambda ids, most: looked.append(len(ids)) or read(ids, most))
    page = head_to_head.page("p", "nobody.test")
    assert page.rows == [] and page.cursor, "of two thousand without a page some are left"
    assert sum(looked) <= head_to_head.LOOKED + head_to_head.SCANNED
    for word in found:
        see(word, "a.test")
    looked.clear()
    assert len(head_to_head.page("p", "a.test", limit=20).rows) == 20
    assert sum(looked) < head_to_head.SCANNED


@pytest.mark.parametrize("cursor", ["x", "x0", "a99999999999999999999", "<script>"])
def test_a_bad_cursor_is_refused(cursor: str) -> None:
    tracked()
    with pytest.raises(errors.ArgumentError, match="none of this list"):
        head_to_head.page("p", "a.test", cursor=cursor)
