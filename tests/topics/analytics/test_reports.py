"""Reports over the store: whose companies count, chosen ones, scores of other days, and what is kept."""

from datetime import timedelta

import pytest

import clock
import errors
import queues
from lead_models import Score
from state.leads import companies as state
from state.leads import score_days
from tests.topics.analytics import companies
from topics.access import api_keys
from topics.analytics import analyses, queries, reports, scopes

SOME = companies.some(60)


def count(text: str, owner: str | None = None) -> object:
    return analyses.answer(queries.parse(text), owner)["value"]


def test_a_report_of_chosen_companies_names_itself_in_its_queries() -> None:
    ids = companies.stored(SOME)
    told = reports.run("summary", [*ids[:20], ids[0], "co_unknown"], {})
    report = reports.kept(told["result"])
    assert report and (report["companies"], report["unknown"]) == (20, 1) and told["figures"] > 40
    for section in report["sections"]:
        for line in section["lines"]:
            for figure in line["figures"].values():
                assert told["result"] in figure["query"] and count(figure["query"]) == figure["value"]
    with pytest.raises(errors.DataError, match="None of these"):
        reports.run("summary", ["co_unknown"], {})
    with pytest.raises(errors.NotFound, match="make it again"):
        count('count within "nothing"')


def test_everybody_counts_his_own_companies() -> None:
    key, _ = api_keys.add("a", "operator")
    boss, _ = api_keys.add("b", "admin")
    mine = companies.stored(SOME[:7], key.id)
    theirs = companies.stored(SOME[:30], "other")
    for owner, number in ((key.id, 7), (boss.id, 37), ("", 37), ("other", 30)):
        with queues.owned_by(owner):
            told = analyses.run("count", None)
            assert told["value"] == number, owner
            assert reports.run("summary", None, {})["companies"] == number
    with queues.owned_by(key.id):
        assert analyses.run("count", [mine[0], theirs[0]])["value"] == 1
        chosen = reports.run("summary", mine[:3], {})["result"]
    assert count(f'count within "{chosen}"') == 3
    for owner in ("other", ""):
        with pytest.raises(errors.NotFound):
            count(f'count within "{chosen}"', owner)


def test_an_answer_about_chosen_companies_has_queries_that_give_it_again() -> None:
    ids = companies.stored(SOME)
    told = reports.kept(analyses.run("count by country", ids[:25])["result"])
    assert told and told["rows"]
    assert all(count(row["query"]) == row["value"] for row in told["rows"])
    doubles = analyses.answer(queries.parse("doubles of emails"))
    assert doubles["value"] > 0 and doubles["examples"]
    assert all(len(analyses.answer(queries.parse(one["query"]))["rows"]) > 1 for one in doubles["examples"])
    assert analyses.run('count where name = "nobody"', ids[:2])["value"] == 0
    with pytest.raises(errors.DataError, match="None of these"):
        analyses.run("count", ["co_unknown"])


def test_scores_of_other_days() -> None:
    now_ms = round(clock.now().timestamp() * 1000)
    ids = companies.stored(companies.some(3, seed=5))
    for number, company_id in enumerate(ids[:2]):
        for ago in range(50 * number + 2, 0, -1):
            score = Score(total=100.0 - ago, parts={}, model="m", at_ms=now_ms - ago * companies.DAY_MS)
            state.put_scores([(company_id, score)])
    moments = [now_ms - int(days * companies.DAY_MS) for days in (0.5, 1.5, 40.5, 900)]
    first, often, never = score_days.as_of(["co_none", ids[1], ids[0]], moments)
    assert set(first.values()) == {None}
    assert list(often.values()) == [99.0, 98.0, 59.0, None] and list(never.values())[:2] == [99.0, 98.0]
    since = (clock.now() - timedelta(days=40)).date().isoformat()
    assert count(f"count where score.change > 30 since {since}") == 1


def test_progress_and_chunks_cover_all_companies(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = companies.stored(SOME)
    monkeypatch.setattr(scopes, "CHUNK", 7)
    steps: list[tuple[int, int | None]] = []
    monkeypatch.setattr(queues, "progress", lambda done, total, says: steps.append((done, total)))
    assert count("count") == 60 == steps[-1][0] and len(steps) == 9 and {total for _, total in steps} == {60}
    state.remove(ids[0])
    assert count("count") == 59
    for wrong in ([], ["x"] * 10_001):
        with pytest.raises(errors.ArgumentError, match="1 to 10,000"):
            scopes.of(None, wrong)
