"""Columns as further tools write them: which one holds the keywords, and what says the market."""

from pathlib import Path
from typing import Any

import pytest

from parsing import markets
from state.tracking import keywords
from state.tracking import projects as stored
from topics.tracking import imports, projects


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Imports this text into example.com."""
    projects.add("example.com")

    def read(text: str) -> imports.Imported:
        path = tmp_path / "x.csv"
        path.write_text(text, encoding="utf-8")
        return imports.import_csv(path, "example.com")

    return read


def texts(project_id: str = "example.com") -> set[str]:
    return {keyword.text for keyword in keywords.in_project(project_id)}


@pytest.mark.parametrize(
    "text",
    [
        "Type,Modifier,Suggestion,Keyword\nQuestions,how,how to dye oak,oak\nQuestions,why,why is oak hard,oak\n",
        'Term,PAA Title,Parent\noak,how to dye oak,oak\noak,"why is oak hard",oak\n',
        "Keyword,Question\noak,how to dye oak\noak,why is oak hard\n",
    ],
)
def test_the_keyword_that_was_typed_into_a_tool_is_not_what_it_found(read: Any, text: str) -> None:
    assert read(text).bad == []
    assert texts() == {"how to dye oak", "why is oak hard"}


def test_one_keyword_a_line_stays_the_keyword_beside_a_suggestion(read: Any) -> None:
    read("Keyword,Suggestion\noak chair,oak chairs\nash stool,ash stools\n")
    assert texts() == {"oak chair", "ash stool"}


def test_a_report_of_search_terms_holds_search_terms(read: Any) -> None:
    read("Search term,Match type,Keyword\nbuy oak chair,Broad match,oak\noak stool,Broad match,stool\n")
    assert texts() == {"buy oak chair", "oak stool"}


@pytest.mark.parametrize("name", ["Focus keyword", "Focus Keyphrase", "Primary Keyword", "Запросы со словами"])
def test_further_names_of_the_column(read: Any, name: str) -> None:
    read(f"URL;{name}\nhttps://example.com/a;oak chair\n")
    assert texts() == {"oak chair"}


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ('["shoes", "red hot"]', ("shoes", "red hot")),
        ("['shoes', 'red hot']", ("shoes", "red hot")),
        ('{shoes,"red hot"}', ("shoes", "red hot")),
        ('["caf\\u00e9"]', ("café",)),
        ('["shoes, red"]', ("shoes", "red")),
        ("[]", ()),
        ("[brand]", ("[brand]",)),
    ],
)
def test_a_list_of_tags_as_programs_write_it(read: Any, cell: str, tags: tuple[str, ...]) -> None:
    quoted = cell.replace('"', '""')
    read(f'keyword,tags\noak,"{quoted}"\n')
    assert next(keywords.in_project("example.com")).tags == tags


@pytest.mark.parametrize(
    ("cell", "market"),
    [
        ("Denmark (da)", ("dk", "da")),
        ("United States (English)", ("us", "en")),
        ("Germany - German", ("de", "de")),
        ("English (US)", ("us", "en")),
        ("Portuguese (Brazil)", ("br", "pt")),
    ],
)
def test_a_locale_names_the_country_first_or_last(cell: str, market: tuple[str, str]) -> None:
    found = markets.read({"locale": cell})
    assert (found.country, found.language) == market


def test_a_device_told_by_yes_and_no_and_codes_of_google(read: Any) -> None:
    read("Query,Engine,Mobile,Google gl,Google hl\noak,google,false,us,en\nash,google,true,us,en\nelm,google,false,de,de\n")

    assert texts() == {"oak"}
    assert texts("example.com-mobile") == {"ash"}
    assert texts("example.com-de-de") == {"elm"}


def test_a_column_of_ranks_named_mobile_says_no_device(read: Any) -> None:
    assert read("keyword,desktop,mobile\noak,3,1\nash,-,12\n").bad == []
    assert (texts(), len(list(stored.every()))) == ({"oak", "ash"}, 1)


def test_a_country_that_search_console_does_not_know_is_no_market(read: Any) -> None:
    assert read("query,country,device\noak,zzz,DESKTOP\nash,usa,DESKTOP\n").bad == []
    assert texts() == {"oak", "ash"}


def test_a_region_is_a_place(read: Any) -> None:
    result = read('keyword,region\noak,"Austin, Texas, United States"\nash,us\n')
    assert ([line for line, _ in result.bad], texts()) == ([2], {"ash"})


def test_lines_of_another_project_or_domain_are_told_where_one_project_is_given(read: Any) -> None:
    result = read("project,domain,keyword\nexample.com,www.example.com,oak\nother,other.test,ash\n,other.test,elm\n,,yew\n")

    assert texts() == {"oak", "ash", "elm", "yew"}
    said = "2 lines of another project or domain (other, other.test): --project takes all lines."
    assert said in result.notes


SERPOSCOPE = (
    "date,rank,url,target,keyword,device,tld,datacenter,local,custom\n"
    '2022-09-30,,,My site,placement coffre,D,be,,"LiÃ¨ge,LiÃ¨ge,Belgique",\n'
    '2022-09-30,4,http://example.com/a,My site,dÃ©pannage LiÃ¨ge,D,be,,"LiÃ¨ge,LiÃ¨ge,Belgique",\n'
)


def test_what_a_tool_read_in_a_wrong_encoding_is_put_right_and_told(read: Any) -> None:
    result = read(SERPOSCOPE)

    assert texts() == {"placement coffre", "dépannage Liège"}
    assert any("'dÃ©pannage LiÃ¨ge' is 'dépannage Liège'" in note for note in result.notes)
    assert any("The file is for Liège,Liège,Belgique, be, desktop" in note for note in result.notes)


def test_a_top_level_domain_of_google_says_the_country_or_nothing(read: Any) -> None:
    read("keyword,tld\noak,com\nash,co.uk\nelm,de\n")
    assert (texts(), texts("example.com-gb"), texts("example.com-de")) == ({"oak"}, {"ash"}, {"elm"})
