"""Companies scored in the store: now, again where the model or the day is another, never twice, and explained rule by rule."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import clock
import config
import errors
from lead_models import Company
from state.leads import companies, rescoring
from tests.state import NOON
from tests.topics.leads.scored import fact, rule, stored
from topics.leads import explaining, model_file, scores, scoring_again, views

MAIL = rule('{ field = "emails", known = true }', 10, part="reachability")
FRESH = rule('{ field = "any", within_days = 10 }', 10, "fades = true", part="freshness")


@pytest.fixture(autouse=True)
def model(tmp_path: Path) -> Iterator[Path]:
    """A model of one rule, in a file that a test may change; the clock stands at noon."""
    file = tmp_path / "model.toml"
    file.write_text(MAIL)
    with config.overridden(score_model=file), clock.frozen(NOON):
        yield file


def only(company_id: str) -> Company:
    return views.find(company_id)


def test_companies_are_scored_with_history_and_what_is_missing_is_counted() -> None:
    first, second = stored(1, emails=["a@a1.example"]), stored(2)
    told = scores.score([first, second, first, "co_nothere"])
    assert told == {"scored": 2, "changed": 2, "missing": 1, "model": model_file.current().version}
    known = only(first).score
    assert known and known.total == 100 and known.points[0].evidence == ("https://a.example/contact",)
    assert [one.id for one in scores.top(None, 5)] == [first, second]
    assert scores.score([first])["changed"] == 0 and len(companies.score_history(first)) == 1
    clock.advance(timedelta(hours=1))
    stored(1, emails=fact([], -1))
    assert scores.score([first])["changed"] == 1 and [one.total for one in companies.score_history(first)] == [100, 0]


def test_all_are_scored_again_where_the_model_changed_and_not_twice(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "AT_ONCE", 2)
    ids = [stored(number, emails=["x"] if number % 2 else []) for number in range(5)]
    told = {"outcome": "scored", "model": model_file.current().version, "seen": 5, "changed": 0, "marked": 5}
    assert scoring_again.rescore() == told
    assert scoring_again.rescore()["outcome"] == "up to date"
    model.write_text(MAIL + rule('{ field = "emails", known = false }', 5))
    told = scoring_again.rescore()
    assert (told["outcome"], told["changed"]) == ("scored", 5)
    assert {only(one).score.model for one in ids} == {told["model"]}  # type: ignore[union-attr]
    assert all(len(companies.score_history(one)) == 2 for one in ids)
    model.write_text(model.read_text().replace("emails', known = false", "other words"))  # a name that stands in every score
    renamed = scoring_again.rescore()
    assert renamed["changed"] == 5 and renamed["model"] != told["model"]
    model.write_text("# a comment\n" + model.read_text())
    assert scoring_again.rescore()["outcome"] == "up to date"


def test_a_scoring_of_all_that_was_killed_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "AT_ONCE", 2)
    for number in range(5):
        stored(number)
    rescoring.take(100)
    rescoring.done()
    written, put_scores = [], companies.put_scores

    def killed(found: list[tuple[str, object]]) -> int:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append([one for one, _ in found])
        return put_scores(found)  # type: ignore[arg-type]

    monkeypatch.setattr(companies, "put_scores", killed)
    with pytest.raises(KeyboardInterrupt):
        scoring_again.rescore()
    course = rescoring.read()
    assert course and (course.seen, course.is_over) == (4, False)
    monkeypatch.setattr(companies, "put_scores", put_scores)
    assert scoring_again.rescore()["seen"] == 5
    assert [len(companies.score_history(one.id)) for [*found] in companies.walk(None) for one in found] == [1] * 5


def test_what_changed_and_was_taken_by_a_run_that_died_is_scored_by_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    one = stored(1)
    scoring_again.rescore()
    companies.put([companies.Update("", "", "c1.example", "Other", "other", id=one)])
    rescoring.mark([one])
    with monkeypatch.context() as dying:
        dying.setattr(companies, "get", lambda ids, owner: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            scoring_again.rescore()
    assert scoring_again.rescore()["marked"] == 1 and scoring_again.rescore()["marked"] == 0


def test_machines_with_different_models_do_not_score_in_turns(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(1)
    mine = model.read_text()
    other = mine + rule('{ field = "emails", known = false }', 5)

    def rescored(host: str, text: str) -> str:
        monkeypatch.setattr(scoring_again.socket, "gethostname", lambda: host)
        model.write_text(text)
        return str(scoring_again.rescore()["outcome"])

    assert rescored("a", mine) == "scored" and rescored("b", other) == "scored", "a model may be changed anywhere"
    assert rescored("b", other) == rescored("c", other) == "up to date"
    with pytest.raises(errors.ConfigError, match=r"model of b \(.* is not the one of a .* same file SCORE_MODEL"):
        rescored("a", mine)
    assert rescored("b", other) == "up to date", "nothing was scored by the other model"
    assert rescored("b", mine) == "scored", "who changed it may take that back"
    clock.advance(timedelta(hours=2))
    assert rescored("a", other) == "scored", "after a while it is a change like others"


def test_facts_that_grow_old_lower_a_score_the_next_day_and_others_stay(model: Path) -> None:
    model.write_text(MAIL + FRESH)
    old, empty = stored(1, emails=["x"]), stored(2)
    assert scoring_again.rescore()["marked"] == 2
    clock.advance(timedelta(days=1))
    assert scoring_again.rescore() | {"model": ""} == {"outcome": "scored", "model": "", "seen": 2, "changed": 1, "marked": 0}
    assert [one.total for one in companies.score_history(old)] == [100, 95]
    assert len(companies.score_history(empty)) == 1


def test_what_changed_is_scored_soon_also_when_all_were_scored_today() -> None:
    one, other = stored(1, emails=["x"]), stored(2)
    scoring_again.rescore()
    clock.advance(timedelta(minutes=5))
    stored(1, emails=fact([], -0.01))
    companies.tag([other], ["hot"])
    stored(2)  # nothing new
    assert scoring_again.rescore()["marked"] == 2 and scoring_again.rescore()["marked"] == 0
    assert [past.total for past in companies.score_history(one)] == [100, 0]
    assert len(companies.score_history(other)) == 2  # its facts changed, so that its reasons may be others


def test_a_model_that_is_wrong_scores_nobody(model: Path) -> None:
    one = stored(1, emails=["x"])
    model.write_text("[[rules]]")
    for run in (scoring_again.rescore, lambda: scores.score([one])):
        with pytest.raises(errors.ConfigError, match="line 1, rule 1"):
            run()
    assert only(one).score is None


def test_a_score_is_explained_rule_by_rule_with_what_would_be_gained(model: Path) -> None:
    model.write_text(
        "[parts.reachability]\nweight = 3\nfull = 15\n[parts.fit]\nweight = 1\n"
        + MAIL
        + rule('{ field = "phones", known = true }', 10, part="reachability")
        + rule('{ field = "country", is = ["DE", "AT"] }', 8)
        + rule('{ field = "city", known = true }', -3)
    )
    told = explaining.explain(only(stored(1, emails=["x"], country="DE", city="Ulm")))
    rows = {line.rule.split("'")[1]: line for line in told.lines}
    assert [line.part for line in told.lines] == ["fit", "fit", "reachability", "reachability"]
    assert (rows["emails"].points, rows["emails"].gain, rows["emails"].reason) == (10, 0, "emails: x")
    assert (rows["phones"].points, rows["phones"].gain, rows["phones"].reason) == (0, 25, "not: phones known")
    assert (rows["city"].points, rows["city"].gain) == (-3, 9.4)
    assert told.score.total == 65.6 and not told.is_stored
    scores.score([told.company.id])
    assert explaining.explain(only(told.company.id)).is_stored


def test_a_company_of_another_owner_is_not_there() -> None:
    theirs = stored(1, owner="k1", emails=["x"])
    scores.score([theirs])
    assert scores.top("k2", 5) == [] and [one.id for one in scores.top("k1", 5)] == [theirs]
    with pytest.raises(errors.NotFound, match="lead list"):
        views.find(theirs, "k2")
