"""Which project a line goes to: a domain in any spelling, and the market the line is for."""

from pathlib import Path
from typing import Any

import pytest

from state.tracking import keywords
from state.tracking import projects as stored
from topics.tracking import imports, markets, projects


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Imports these lines."""

    def read(text: str, project_id: str | None = None) -> imports.Imported:
        path = tmp_path / "keywords.csv"
        path.write_text(text)
        return imports.import_csv(path, project_id)

    return read


def stock() -> dict[str, list[str]]:
    return {one: sorted(keyword.text for keyword in keywords.in_project(one)) for one in stored.ids()}


def test_a_domain_is_one_however_it_is_spelled_and_a_bad_line_costs_no_other(read: Any) -> None:
    text = (
        "domain,keyword\nshop.example,first\nexample.com,a\nwww.example.com,b\nhttps://example.com/,c\nEXAMPLE.COM.,d\n"
        "no host at all,x\nhttp://www.example.com:80,e\nshop.example,last\n"
    )
    result = read(text)
    assert (result.added, result.projects_added, [line for line, _ in result.bad]) == (7, 2, [7])
    assert stock() == {"example.com": ["a", "b", "c", "d", "e"], "shop.example": ["first", "last"]}
    again = read(text)
    assert (again.added, again.known, again.projects_added) == (0, 7, 0)


def test_a_project_of_another_id_is_found_by_its_domain(read: Any) -> None:
    projects.add("example.com", projects.Options(id="shop"))
    read("domain,keyword\nhttps://www.example.com/,a\n")
    assert stock() == {"shop": ["a"]}


def test_lines_for_several_markets_go_to_the_project_of_each(read: Any) -> None:
    projects.add("example.com", projects.Options(depth=50, weight=3))
    projects.add("example.com", projects.Options(id="phones", device="mobile"))
    result = read(
        "keyword,country,device\na,us,desktop\nb,United States,Smartphone\nc,Germany,\nd,uk,Mobile\ne,,\n", "example.com"
    )
    assert stock() == {"example.com": ["a", "e"], "phones": ["b"], "example.com-de": ["c"], "example.com-gb-mobile": ["d"]}
    made = stored.get("example.com-de")
    assert (made.domain, made.country, made.device, made.depth, made.weight) == ("example.com", "de", "desktop", 50, 3)
    assert result.projects_added == 2 and "Added project example.com-de for example.com: de, en, desktop." in result.notes


def test_what_a_line_leaves_open_is_as_in_the_project_that_is_given(read: Any) -> None:
    projects.add("example.com")
    projects.add("example.com", projects.Options(id="german-phones", country="de", device="mobile"))
    read("keyword,country\na,us\nb,de\n", "example.com")
    assert stock() == {"example.com": ["a"], "german-phones": [], "example.com-de": ["b"]}


def test_a_file_for_one_market_goes_where_it_is_told_and_the_difference_is_named(read: Any) -> None:
    projects.add("example.com")
    result = read("keyword,country\na,fr\nb,France\n", "example.com")
    assert stock() == {"example.com": ["a", "b"]}
    assert result.notes == [
        "The file is for fr, example.com is checked for us, en, desktop: all lines go there, as --project says."
    ]


def test_a_domain_with_a_market_is_added_in_that_market(read: Any) -> None:
    read("domain,keyword,country,language,device\nexample.com,a,de,German,mobile\n")
    made = stored.get("example.com")
    assert (made.country, made.language, made.device) == ("de", "de", "mobile")


def test_a_domain_of_several_projects_without_a_usual_one_is_named(read: Any) -> None:
    for name in ("one", "two"):
        projects.add("example.com", projects.Options(id=name))
    result = read("domain,keyword\nexample.com,a\n")
    assert result.bad == [(2, "2 projects track example.com (one, two): name one in a column project")]
    assert read("project,keyword\ntwo,a\n").added == 1 and stock() == {"one": [], "two": ["a"]}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("example.com,a,Atlantis,,", "'Atlantis'"),
        ("example.com,a,,tablet,", "'tablet'"),
        ("example.com,a,,,Paris", "'Paris'"),
        (",a,,,", "no project in this line"),
    ],
)
def test_a_market_that_cannot_be_served_is_named(read: Any, line: str, says: str) -> None:
    projects.add("example.com")
    result = read(f"domain,keyword,country,device,location\n{line}\nexample.com,good,us,,\n")
    assert result.bad_count == 1 and says in result.bad[0][1] and stock() == {"example.com": ["good"]}


def test_a_project_that_is_for_another_domain_is_named_and_a_named_one_wins_over_the_market(read: Any) -> None:
    projects.add("example.com")
    result = read(
        "project,domain,keyword,country\nexample.com,other.example,a,us\nexample.com,,b,de\nMy Shop,shop.example,c,\n"
        "my shop,,d,\n"
    )
    assert result.bad == [(2, "project 'example.com' tracks example.com, and this line says 'other.example'")]
    assert stock()["example.com"] == ["b"] and any("1 line names a project of another market" in note for note in result.notes)
    [shop] = [project for project in stored.every() if project.name == "My Shop"]
    assert stock()[shop.id] == ["c", "d"]


def test_an_id_that_another_domain_has_is_named(read: Any) -> None:
    projects.add("other.example", projects.Options(id="example.com"))
    result = read("domain,keyword\nexample.com,a\nother.example,b\n")
    assert [line for line, _ in result.bad] == [2] and stock() == {"example.com": ["b"]}


def test_a_project_that_somebody_adds_meanwhile_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    homes = markets.Homes()
    projects.add("example.com")
    assert homes.project_for("", "www.example.com", markets.markets.NOTHING) == "example.com" and not homes.added


def test_lines_of_a_project_that_is_removed_meanwhile_are_named_and_the_others_stored(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects.add("gone.example")
    real = keywords.add_typed

    def removing(project_id: str, texts: Any) -> Any:
        if project_id == "gone.example" and stored.find("gone.example"):
            projects.remove("gone.example")
        return real(project_id, texts)

    monkeypatch.setattr(keywords, "add_typed", removing)
    result = read("domain,keyword\ngone.example,a\nkept.example,b\ngone.example,c\n")
    assert [line for line, _ in sorted(result.bad)] == [2, 4] and result.added == 1 and stock() == {"kept.example": ["b"]}


def test_a_location_gets_a_project_of_its_own_or_is_named(read: Any) -> None:
    projects.add("example.com", projects.Options(id="austin", location="Austin,Texas,United States"))
    read('domain,keyword,location\nexample.com,a,"Austin, Texas, United States"\n')
    read('domain,keyword,location\nnew.example,b,"Austin,Texas,United States"\n')
    assert stock() == {"austin": ["a"], "new.example": ["b"]}
    assert (stored.get("new.example").location or "").startswith("Austin")
