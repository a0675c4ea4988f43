"""Companies in Redis: one record each, merged by the rules, whatever comes twice, and in whatever order."""

from typing import Any

import pytest

import clock
from lead_models import Fact, Points, Score
from state.leads import companies, keys
from state.leads.companies import Update
from state.store import connection, scripts
from tests.state import NOON


def fact(value: Any, at_ms: int = 1000, source: str = "https://a.example/") -> Fact:
    return Fact(value=value, source=source, at_ms=at_ms, snippet="two\nlines")


def update(domain: str = "a.example", name: str = "", phones: tuple[str, ...] = (), owner: str = "", **facts: Fact) -> Update:
    site = f"https://{domain}/" if domain else ""
    return Update(owner, site, domain, name, name.casefold(), phones, facts)


def put(*updates: Update) -> list[companies.Put]:
    return companies.put(updates)


def only(owner: str | None = None) -> Any:
    [[company]] = companies.walk(owner)
    return company


def test_a_company_is_kept_with_its_facts_and_comes_back_as_it_was() -> None:
    told = fact({"a": [1, 2.5, True, "ü\u2028\n"]}, source="search: a\nb")
    with clock.frozen(NOON):
        [made] = put(
            Update("k", "https://a.example/", "a.example", "Ä", "ä", ("+49",), {"x": told, "list": fact([])}, ("t", "b"))
        )
    found = only("k")
    assert made == (found.id, True, ("x", "list")) and found.id.startswith("co_") and len(found.id) == 19
    assert (found.site, found.domain, found.name, found.tags) == ("https://a.example/", "a.example", "Ä", ("b", "t"))
    assert found.facts == {"x": Fact(value=told.value, source="search: a b", at_ms=1000, snippet="two\nlines"), "list": fact([])}
    assert found.created_ms == found.updated_ms == NOON.timestamp() * 1000


@pytest.mark.parametrize(
    ("old", "new", "kept", "at_ms"),
    [
        (fact("a", 1), fact("b", 2), "b", 2),
        (fact("a", 2), fact("b", 1), "a", 2),
        (fact("a", 1), fact("a", 2), "a", 2),
        (fact("a", 2), fact("a", 1), "a", 2),
        (fact("a", 1), fact("b", 1), "b", 1),
        (fact("a", 1, "typed"), fact("b", 2), "a", 1),
        (fact("a", 2), fact("b", 1, "typed"), "b", 1),
        (fact("a", 1, "typed"), fact("b", 2, "typed"), "b", 2),
        (fact("1"), fact(1), 1, 1000),
    ],
)
def test_a_fact_meets_another(old: Fact, new: Fact, kept: Any, at_ms: int) -> None:
    put(update(x=old))
    [told] = put(update(x=new))
    company = only()
    assert (company.facts["x"].value, company.facts["x"].at_ms) == (kept, at_ms)
    is_other = kept != old.value
    assert told == (company.id, False, ("x",) if is_other else ())
    assert companies.former(company.id) == ([("x", old)] if is_other else [])


def test_what_was_read_and_is_typed_now_counts_as_typed() -> None:
    put(update(x=fact("a", 5)), update(x=fact("a", 5, "typed")), update(x=fact("b", 9)))
    assert only().facts["x"] == fact("a", 5, "typed")


def test_former_facts_are_bounded() -> None:
    put(*(update(x=fact(n, n)) for n in range(80)))
    former = companies.former(only().id)
    assert [one.value for _, one in former] == list(range(78, 28, -1))


def test_a_call_that_is_sent_again_changes_nothing_and_is_answered_the_same() -> None:
    call = companies._put_call("", [update(x=fact(1)), update(x=fact(2)), update("b.example")])
    first, second = scripts.run_together([call, call])
    assert first == second and [bool(is_new) for _, is_new, _ in first] == [True, False, True]
    assert len(companies.former(first[0][0].decode())) == 1


def test_name_and_a_phone_name_a_company_and_a_name_alone_only_one_without_more() -> None:
    made = put(
        update("", "acme", ("+1", "+2")),
        update("", "acme", ("+2", "+3")),
        update("", "acme", ("+4",)),
        update("", "acme"),
        update("", "acme"),
        update("", "other", ("+1",)),
        update("", "acme", ("+3",), owner="k"),
    )
    ids = [one.id for one in made]
    assert ids[0] == ids[1] and ids[3] == ids[4] and len(set(ids)) == 5
    assert (companies.count(None), companies.count(""), companies.count("k")) == (5, 4, 1)


def test_companies_that_turn_out_to_be_one_become_one() -> None:
    a, b, c = put(
        Update("", "", "", "acme", "acme", ("+1",), {"x": fact("old", 1), "z": fact("only")}, ("one",)),
        update("a.example", x=fact("new", 2)),
        update("b.example"),
    )
    [joined] = put(update("a.example", "acme", ("+1",)))
    company = only("") if companies.count("") == 1 else companies.get([joined.id], None)[0]
    assert company is not None and joined.id == b.id and companies.get([a.id], None) == [None]
    assert (company.facts["x"].value, company.facts["z"].value, company.tags) == ("new", "only", ("one",))
    assert companies.former(b.id) == [("x", fact("old", 1))]
    assert companies.successor(a.id) == b.id and companies.successor(b.id) == ""
    [again] = put(update("", "acme", ("+1",)))
    assert again.id == b.id and companies.count(None) == companies.count("") == 2 and c.id != b.id


def test_another_site_of_the_same_company_leads_to_it() -> None:
    a, b, c = put(update("a.example", "acme", ("+1",)), update("b.example", "acme", ("+1",)), update("b.example"))
    assert a.id == b.id == c.id and only().domain == "a.example"
    put(Update("", "https://c.example/", "c.example", "", "", (), {"site": fact("https://c.example/", source="typed")}, id=a.id))
    assert only().domain == "c.example" and [one.id for one in put(update("a.example"), update("c.example"))] == [a.id] * 2
    assert companies.by_domain("", ["c.example", "d.example", "a.example"]) == [a.id, None, a.id]
    assert companies.by_domain("k", ["c.example"]) == [None] and companies.by_domain("k", []) == []


def test_an_update_by_id_is_about_that_company_of_the_same_owner() -> None:
    [a] = put(update("a.example"))
    [b] = put(Update("", "", "", "new name", "new name", id=a.id))
    assert b.id == a.id and only().name == "new name"
    [c, d] = put(
        Update("k", "", "k.example", "", "", id=a.id), Update("k", "", "m.example", "", "", id="co_wanted", created_ms=7)
    )
    assert c.id != a.id and d.id == "co_wanted" and companies.get([d.id], "k")[0].created_ms == 7  # type: ignore[union-attr]


def test_reading_keeps_to_the_owner_and_the_order() -> None:
    ids = [one.id for one in put(*(update(f"{n}.example", owner="k" if n % 2 else "") for n in range(9)))]
    assert [bool(one) for one in companies.get([*ids, "co_none"], "k")] == [n % 2 == 1 for n in range(9)] + [False]
    pages = list(companies.walk("k", 3))
    assert [len(page) for page in pages] == [3, 1] and [one.id for page in pages for one in page] == sorted(ids[1::2])
    assert sum(len(page) for page in companies.walk(None, 4)) == 9


def test_a_removed_company_leaves_nothing_behind(store: Any) -> None:
    [a, b] = put(update("a.example", "acme", ("+1",), x=fact(1)), update("b.example"))
    put(update("a.example", x=fact(2)))
    companies.put_scores([(a.id, Score(total=1, parts={}, model="m", at_ms=1))])
    assert companies.remove(a.id) and not companies.remove(a.id)
    left = {key for key in store.keys("trawl:lead*") if not key.startswith(b"trawl:leads:put:")} - {keys.CHANGED.encode()}
    assert left == {name.encode() for name in (keys.lead(b.id), keys.ids(None), keys.ids(""), keys.index(""))}
    assert store.hgetall(keys.index("")) == {b"d:b.example": b.id.encode()}
    assert put(update("a.example", x=fact(3)))[0] == (a.id, True, ("x",))


def test_tags_come_and_go() -> None:
    [a] = put(update())
    assert companies.tag([a.id, "co_none"], add=["x", "y"]) == 1 and companies.tag([a.id], add=["x"]) == 0
    assert companies.tag([a.id], add=["z"], take=["x"]) == 1 and only().tags == ("y", "z")
    companies.tag([a.id], take=["y", "z"])
    assert only().tags == ()


def test_scores_are_kept_in_the_record_the_history_and_the_order() -> None:
    a, b = put(update("a.example"), update("b.example", owner="k"))
    points = (Points(rule="r", part="fit", points=2.5, most=5, reason="why", evidence=("https://a.example/",)),)
    scores = [Score(total=n / 4, parts={"fit": 50}, model="m1", at_ms=n, points=points) for n in range(500)]
    assert companies.put_scores([(a.id, one) for one in scores] + [(b.id, scores[7]), ("co_none", scores[1])]) == 501
    companies.put_scores([(a.id, scores[-1])])
    assert only("").score == scores[-1]
    history = companies.score_history(a.id)
    assert len(history) == 400 and history[-1] == (499, 124.75, "m1") and history[0].at_ms == 100
    assert companies.top(None, 5) == [a.id, b.id] and companies.top("k", 5) == [b.id] and companies.top(None, 0) == []
    assert connection.client().exists(keys.lead("co_none")) == 0
