"""Files as this trade has them: encodings, separators, and an export that comes back as it went."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import models
from commands import exports
from errors import ArgumentError
from state.store import connection
from state.tracking import details, keywords
from state.tracking import projects as stored
from tests.state.test_texts import stored_before
from topics.tracking import descriptions, imports, projects, ranks

PLANNER = (
    "Keyword Stats 2026-06-09 at 21_25_18\r\n1 May 2025 - 30 April 2026\r\nKeyword\tCurrency\tAvg. monthly searches\r\n"
    'vélo cargo\tEUR\t1K – 10K\r\n"shop, near"\tEUR\t50\r\n'
)
SEMRUSH = 'Keyword;Position;Search Volume\r\nvélo cargo;3;5.000\r\n"shop, near";5;50\r\n'


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Imports these bytes into example.com."""
    projects.add("example.com")

    def read(data: bytes, name: str = "x.csv", project_id: str | None = "example.com") -> imports.Imported:
        path = tmp_path / name
        path.write_bytes(data)
        return imports.import_csv(path, project_id)

    return read


def found() -> dict[str, models.Keyword]:
    return {keyword.text: keyword for keyword in keywords.in_project("example.com")}


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + PLANNER.encode("utf-16-le"),
        b"\xfe\xff" + PLANNER.encode("utf-16-be"),
        PLANNER.encode("utf-16-le"),
        PLANNER.encode("utf-8-sig"),
        SEMRUSH.encode("utf-8-sig"),
        SEMRUSH.encode("cp1252"),
        SEMRUSH.encode("mac_roman"),
        ("sep=;\r\n" + SEMRUSH).encode(),
        SEMRUSH.replace("\r\n", "\r").encode(),
        SEMRUSH.replace(";", "|").encode(),
        ("\r\n\r\n" + SEMRUSH).encode(),
    ],
)
def test_the_same_keywords_come_out_of_each_form(read: Any, data: bytes) -> None:
    result = read(data)
    assert (result.added, result.bad) == (2, [])
    assert {text: keyword.volume for text, keyword in found().items()} == {"vélo cargo": 5000, "shop, near": 50}


def test_a_line_break_in_a_keyword_is_a_blank(read: Any) -> None:
    assert read(b'keyword,volume\r\n"blue widgets\n",10\r\n"red\nwidgets",5\r\nok,1\r\n').bad == []
    assert set(found()) == {"blue widgets", "red widgets", "ok"}


def test_what_is_told_of_a_keyword_is_kept_and_an_empty_cell_leaves_it(read: Any) -> None:
    read(b'keyword,volume,tags,target url\na,"1,000","x, y",https://example.com/a\nb,many,,see notes\n')
    keyword = found()["a"]
    assert (keyword.volume, keyword.tags, keyword.target_url) == (1000, ("x", "y"), "https://example.com/a")
    assert found()["b"].volume is None

    again = read(b"keyword,volume,tags,target url\na,,z,-\nb,7,,\n")
    keyword = found()["a"]
    assert (again.added, again.known, again.updated) == (0, 2, 2)
    assert (keyword.volume, keyword.tags, keyword.target_url) == (1000, ("z",), "https://example.com/a")


def test_a_keyword_of_an_older_version_is_told_the_same_and_gets_its_text(read: Any) -> None:
    word = stored_before("fussball trikot", "example.com")
    result = read("keyword,volume\nFußball Trikot,90\n".encode())
    assert (result.added, result.known, result.updated, result.respelled) == (0, 1, 1, [("fussball trikot", "Fußball Trikot")])
    assert (keywords.get(word).text, keywords.get(word).volume) == ("Fußball Trikot", 90)


def test_cells_that_could_not_be_read_are_told(read: Any) -> None:
    result = read(b"keyword,volume,target url\na,many,\nb,1,see notes\nc,lots,\n")
    assert result.notes == [
        "2 volumes were left out, e.g. 'many' in line 2.",
        "1 target page was left out, e.g. 'see notes' in line 3.",
    ]
    assert result.added == 3


def test_a_volume_between_two_columns_is_read(read: Any) -> None:
    assert read(b"Keyword,Minimum Volume,Maximum Volume\na,11,50\nb,,\n").unused == []
    assert (found()["a"].volume, found()["b"].volume) == (30, None)


def test_columns_that_are_not_read_are_named(read: Any) -> None:
    assert read(b"Keyword,Position,URL,,Search Volume\na,3,https://example.com/x,,5\n").unused == ["Position", "URL"]
    assert found()["a"].target_url is None


def test_tags_that_a_tool_did_not_quote_are_read_and_a_keyword_with_a_comma_is_named(read: Any) -> None:
    data = (
        "ID,Keyword,Position,URL,Country,State,City,Device,Updated,Added,Tags\r\n"
        "1, red shoes, 4, https://example.com/a, United States, -, -, desktop, x, y, a,b\r\n"
        "2, shop, near, 5, -, United States, -, -, desktop, x, y, \r\n"
    )
    result = read(data.encode())
    assert found()["red shoes"].tags == ("a", "b") and list(found()) == ["red shoes"]
    assert [line for line, _ in result.bad] == [3]


def test_a_comma_that_moves_the_rest_into_the_volume_is_named(read: Any) -> None:
    assert [line for line, _ in read(b"keyword,volume\nshop, near,\nok,1,\n").bad] == [2] and list(found()) == ["ok"]


def test_cells_that_say_there_is_none_are_no_keywords(read: Any) -> None:
    result = read(b"keyword,volume\n-,1\n---,1\n(not provided),1\nkeyword,1\nkeyword,volume\nok,2\n")
    assert result.bad_count == 3 and set(found()) == {"keyword", "ok"}


def test_the_names_of_columns_that_come_again_are_no_keyword(read: Any) -> None:
    assert read(b"Keyword,Volume\na,1\nKeyword,Volume\nb,2\n").bad_count == 0 and set(found()) == {"a", "b"}
    assert read(b"keyword\nkeyword\n").added == 1, "one column: it may be one"


def test_a_text_file_is_a_list_of_keywords_letter_by_letter(read: Any) -> None:
    assert read(b'red shoes, size 9\r\n\r\n"exact phrase"\n+must\n', name="list.txt").added == 3
    assert set(found()) == {"red shoes, size 9", '"exact phrase"', "+must"}


def test_an_import_that_was_killed_is_finished_by_the_next_and_adds_nothing_twice(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 10)
    data = b"keyword,volume\n" + b"".join(b"word %d,%d\n" % (n, n) for n in range(100))
    real, calls = keywords.add_typed, iter(range(1000))

    def dying(project_id: str, texts: Any) -> Any:
        if next(calls) == 4:
            raise KeyboardInterrupt
        return real(project_id, texts)

    monkeypatch.setattr(keywords, "add_typed", dying)
    with pytest.raises(KeyboardInterrupt):
        read(data)
    monkeypatch.setattr(keywords, "add_typed", real)
    result = read(data)
    assert (result.added, result.known) == (60, 40)
    assert {keyword.volume for keyword in found().values()} == set(range(100))


def test_one_text_that_cannot_be_told_from_another_costs_no_other(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = keywords.id_of
    monkeypatch.setattr(keywords, "id_of", lambda project, text: "twin" if text in ("b", "c") else real(project, text))
    assert read(b"keyword\na\nb\n").added == 2
    result = read(b"keyword\na\nc\nd\n")
    assert (result.added, result.known, [line for line, _ in result.bad]) == (1, 1, [3]) and "'c'" in result.bad[0][1]


def exported(path: Path, separator: str) -> None:
    with exports.opened(path) as file:
        ranks.write(file, "csv", ranks.rows(), separator)


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=("Cs", "Co", "Cn"), exclude_characters="\ufffd"), max_size=20),
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
)
@example(["+eczema +cream", "-50% rabatt", "@mybrand", "=sum excel", "'s-hertogenbosch hotel", "'=x", "''+y", '"a" b', 'x"'], ";")
@example(["two\nlines", "  blanks  ", "a,b;c|d\te", '19" rack', "keyword", "sep=;"], ",")
@settings(max_examples=60)
def test_an_export_that_is_imported_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], separator: str
) -> None:
    connection.client().flushall()
    projects.add("example.com", projects.Options(device="mobile", country="de"))
    for text in texts:
        try:
            projects.add_keywords("example.com", [text])
        except imports.ArgumentError:
            continue
    told = details.Details(12_000, ("one tag", "two"), "https://example.com/a?b=1,2")
    descriptions.change(list(found().values()), told)
    before = {
        text: (one.volume, one.tags, one.target_url) for text, one in found().items() if not imports.NO_KEYWORD.fullmatch(text)
    }
    path = tmp_path_factory.mktemp("round") / "x.csv"
    exported(path, separator)

    result = imports.import_csv(path)
    assert (result.added, result.updated, result.projects_added) == (0, 0, 0) and result.known == len(before)

    connection.client().flushall()
    imports.import_csv(path)
    assert {text: (one.volume, one.tags, one.target_url) for text, one in found().items()} == before
    assert not before or (stored.get("example.com").device, stored.get("example.com").country) == ("mobile", "de")


def test_a_spreadsheet_may_write_the_export_again(tmp_path: Path) -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", ["+eczema", "café", "plain"])
    path = tmp_path / "x.csv"
    exported(path, ";")
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")), delimiter=";"))
    again = io.StringIO()
    csv.writer(again, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(again.getvalue().encode("cp1252"))
    assert imports.import_csv(path).added == 0


def test_what_stands_in_a_file_and_is_no_keyword_becomes_none(read) -> None:  # type: ignore[no-untyped-def]
    """Totals of a Google Ads report, errors of a spreadsheet, and the second cell of a line in a plain list."""
    report = (
        'Search terms report\n"January 1, 2026 - January 31, 2026"\nSearch term,Match type,Clicks\nblue shoes,Broad match,1\n'
        "total: a film,Broad match,1\nTotal: Search terms, --,1\nTotal: Account, --,1\n"
    )
    done = read(report.encode())
    assert (done.added, done.bad_count) == (2, 0) and set(found()) == {"blue shoes", "total: a film"}
    done = read(b"Keyword,Volume\n#NAME?,10\n#REF!,3\n#N/A,1\n#name tags,5\n")
    assert (done.added, [line for line, _ in done.bad]) == (1, [2, 3, 4]) and "#name tags" in found()
    done = read(b"red shoes\t1000\ngreen shoes\n", "list.txt")
    assert (done.added, [line for line, _ in done.bad]) == (1, [1]) and not any("1000" in text for text in found())


def test_a_position_in_a_column_of_locations_leads_to_no_other_place(read) -> None:  # type: ignore[no-untyped-def]
    """Turkish has one word for both: `Konum`."""
    done = read("En çok yapılan sorgular,Tıklamalar,Gösterimler,TO,Konum\nayakkabı,3,120,2.5%,9\nçanta,1,22,4.5%,12.3\n".encode())
    assert (done.added, done.bad_count) == (2, 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("api.json", '{"rows": [{"keys": ["v\u00e9lo cargo"], "clicks": 3}, {"keys": ["shop, near"], "clicks": 1}]}'),
        ("api.json", '\ufeff{"rows": [{"keys": ["v\u00e9lo cargo", "https://example.com/a"]}, {"keys": ["shop, near", ""]}]}'),
        ("bulk.jsonl", '{"data_date": "2026-01-01", "query": "v\u00e9lo cargo"}\n{"query": "shop, near"}\n{"query": "cut'),
        ("list.json", '["v\u00e9lo cargo", "shop, near"]'),
        ("tool.json", '{\n  "n": 2,\n  "keywords": [{"keyword": "v\u00e9lo cargo", "sv": 50}, {"keyword": "shop, near"}]\n}'),
        (
            "tasks.json",
            '{"tasks": [{"result": [{"items": [{"keyword": "v\u00e9lo cargo", "keyword_info": {"search_volume": 9}},'
            ' {"keyword": "shop, near", "monthly": [{"year": 2026, "search_volume": 1}]}]}]}]}',
        ),
    ],
)  # fmt: skip
def test_lists_in_json_are_read_as_services_send_them(read: Any, name: str, text: str) -> None:
    read(text.encode(), name)
    assert set(found()) == {"v\u00e9lo cargo", "shop, near"}


def test_what_json_says_of_a_keyword_is_kept(read: Any) -> None:
    read(
        b'[{"keyword": "oak chair", "search_volume": 90, "tags": ["wood", "chairs"], "target_url": "https://example.com/oak"}]',
        "x.json",
    )
    keyword = found()["oak chair"]
    assert (keyword.volume, set(keyword.tags), keyword.target_url) == (90, {"wood", "chairs"}, "https://example.com/oak")


def test_json_without_keywords_is_refused_by_name(read: Any) -> None:
    with pytest.raises(ArgumentError, match="is JSON without keywords"):
        read(b'{"error": {"code": 403}}', "x.json")


def test_a_list_whose_first_keyword_begins_with_a_bracket_is_no_json(read: Any) -> None:
    read(b"[oak chair]\nash stool\n", "x.txt")
    assert set(found()) == {"[oak chair]", "ash stool"}


def test_marks_of_a_match_type_are_no_part_of_a_keyword(read: Any) -> None:
    read(b'Keyword,Match type\n[oak chair],Exact match\n"""ash stool""",Phrase match\n+elm +desk,Broad match\n')
    assert set(found()) == {"oak chair", "ash stool", "elm desk"}
    read(b"Keyword,Volume\n[oak bench],5\n")
    assert "[oak bench]" in found()


@pytest.mark.parametrize(
    ("text", "codec", "keyword"),
    [
        ("关键词,搜索量\n北京 酒店,10\n", "gbk", "北京 酒店"),
        ("關鍵字,搜尋量\n台北 飯店,10\n", "big5", "台北 飯店"),
        ("Λέξη-κλειδί;Όγκος αναζήτησης\nξενοδοχεία;10\n", "cp1253", "ξενοδοχεία"),
        ("מילת מפתח;Volume\nמלון;10\n", "cp1255", "מלון"),
        ("الكلمة الرئيسية;Volume\nفندق;10\n", "cp1256", "فندق"),
        ("Kulcsszó;Volumen\ngyűrű;10\n", "cp1250", "gyűrű"),
    ],
)
def test_names_of_columns_tell_the_code_page_of_a_short_file(read: Any, text: str, codec: str, keyword: str) -> None:
    assert read(text.encode(codec)).added == 1 and set(found()) == {keyword}


def test_rows_that_a_spreadsheet_leaves_empty_are_no_lines(read: Any) -> None:
    result = read(b"keyword,volume\n,\n , \na,1\n,,,\n\xc2\xa0,\n")

    assert (result.added, result.bad_count) == (1, 0) and found()["a"].volume == 1


def test_a_row_without_its_keyword_is_named(read: Any) -> None:
    assert read(b"keyword,volume\na,1\n,5\n").bad_count == 1
