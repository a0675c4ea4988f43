"""Lists of companies by filters: each company once, in bounded steps, and only the owner's."""

import pytest

import errors
from lead_models import Score
from state.leads import companies
from topics.leads import adding, views
from topics.leads.views import Filters

EVERY = Filters()


def listed(filters: Filters = EVERY, owner: str | None = None, limit: int = 2) -> list[str]:
    names, after = list[str](), ""
    while True:
        found, after = views.page(owner, filters, after, limit)
        names += [one.name for one in found]
        if not after:
            return names


@pytest.fixture(autouse=True)
def some() -> None:
    for number in range(7):
        owner, tags = ("k" if number < 3 else ""), ["even"] if number % 2 == 0 else []
        made = adding.add({"name": f"Acme YouTube {number}", "site": f"a{number}.example", "city": "Köln"}, tags, owner)
        if number < 5:
            companies.put_scores([(made.id, Score(total=number * 10, parts={}, model="m", at_ms=1))])


@pytest.mark.parametrize(
    ("filters", "owner", "numbers"),
    [
        (Filters(), None, range(7)),
        (Filters(), "k", range(3)),
        (Filters(tag="even"), None, (0, 2, 4, 6)),
        (Filters(least_score=20), None, (2, 3, 4)),
        (Filters(text="koln"), "", range(3, 7)),
        (Filters(text="youtube 5"), None, (5,)),
        (Filters(text="a6.example"), None, (6,)),
        (Filters(tag="even", least_score=0), "k", (0, 2)),
        (Filters(tag="none"), None, ()),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_filters(filters: Filters, owner: str | None, numbers: range, limit: int) -> None:
    assert sorted(listed(filters, owner, limit)) == [f"Acme YouTube {number}" for number in numbers]


def test_a_look_is_bounded_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "CHUNK", 2)
    monkeypatch.setattr(views, "MOST_LOOKED_AT", 2)
    _, after = views.page(None, Filters(text="youtube 6"))
    assert after and len(listed(Filters(text="youtube 6"))) == 1


def test_a_company_of_another_owner_is_not_there() -> None:
    [[company]] = [[one for one in some if one.name.endswith("0")] for some in companies.walk("k")]
    for what in (views.find, views.remove):
        with pytest.raises(errors.NotFound):
            what(company.id, "other")
    with pytest.raises(errors.NotFound):
        views.tag([company.id], "other", ["x"])
    assert views.tag([company.id], "k", ["x"], ["even"]) == 1 and views.find(company.id).tags == ("x",)
    assert views.remove(company.id, "k").id == company.id and len(listed()) == 6
    with pytest.raises(errors.ArgumentError, match="more than 50"):
        other = next(iter(companies.walk("k")))[0]
        views.tag([other.id], "k", [f"a{n}" for n in range(30)])
        views.tag([other.id], "k", [f"b{n}" for n in range(30)])
