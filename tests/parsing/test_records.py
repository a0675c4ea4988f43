"""CSV by the standard, read line by line: a quote left open spoils its own line and no other."""

import pytest

from parsing.records import LINE_CHARS, LONG, OPEN, Records


def read(text: str, separator: str = ",", keyword_at: int | None = None, columns: int = 0) -> list[tuple[int, list[str], str]]:
    records = Records(iter(text.splitlines(keepends=True)), separator, keyword_at=keyword_at)
    records.columns = columns
    return list(records)


def cells(text: str, separator: str = ",") -> list[list[str]]:
    return [found for _, found, _ in read(text, separator)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_each_separator_leaves_the_others_alone(separator: str) -> None:
    others = ",;\t|".replace(separator, "")
    assert cells(f'a{others}b{separator}"c{separator}d"\n', separator) == [[f"a{others}b", f"c{separator}d"]]


def test_a_quoted_cell_goes_on_over_the_end_of_a_line_and_numbers_are_of_first_lines() -> None:
    assert read('a,"b\nc ""d"" \r\ne",f\ng\n\nh') == [(1, ["a", 'b\nc "d" \r\ne', "f"], ""), (4, ["g"], ""), (6, ["h"], "")]


def test_blanks_before_a_quote_do_not_matter_and_quotes_inside_a_cell_are_text() -> None:
    assert cells('a, "b, c"\n19" rack,love "me" do\n') == [["a", "b, c"], ['19" rack', 'love "me" do']]
    assert cells('"a, b" ,"c" \nd,e\n') == [["a, b", "c"], ["d", "e"]]


def test_an_open_quote_at_the_end_spoils_its_line_only() -> None:
    assert read('a\n"b\nc\nd\n') == [(1, ["a"], ""), (2, [], OPEN), (3, ["c"], ""), (4, ["d"], "")]


def test_a_quote_left_open_for_long_is_no_record() -> None:
    found = read('"a\n' + "b\n" * 30 + 'c"\n')
    assert found[0] == (1, [], OPEN) and [one[1] for one in found[1:31]] == [["b"]] * 30


def test_a_cell_that_goes_on_behind_its_quote_says_how_to_write_it() -> None:
    [(_, found, problem), after] = read('"big" shoes,1\nb,2\n')
    assert found == [] and "write each quote in it twice" in problem and after == (2, ["b", "2"], "")


def test_lines_swallowed_by_a_quote_in_the_keyword_are_given_back_and_the_stray_quote_is_named() -> None:
    found = read('"27 inch monitor,10\ntv 55",5\nok,1\n', keyword_at=0, columns=2)
    assert found == [(1, [], OPEN), (2, [], "no CSV: the quote that closes here was opened in line 1"), (3, ["ok", "1"], "")]


@pytest.mark.parametrize("text", ['"blue\nwidgets",10\n', '"shop, near\nme",10\n', '"one\n\ntwo",10\n'])
def test_a_keyword_with_a_line_break_is_one_cell(text: str) -> None:
    [(number, found, problem)] = read(text, keyword_at=0, columns=2)
    assert (number, found[1], problem) == (1, "10", "")


def test_a_line_that_is_too_long_is_named_and_the_next_one_read() -> None:
    assert read("x" * (LINE_CHARS + 1) + "\nb\n") == [(1, [], LONG), (2, ["b"], "")]


def test_cells_of_many_lines_are_cells_where_the_record_has_the_columns_of_the_header() -> None:
    """Semrush's Keyword Strategy Builder writes two cells of ten and more addresses, each on a line of its own."""
    cell = "\n".join(f'""d{number}.test"":""https://d{number}.test/a""' for number in range(25))
    found = read(f'ai seo,1900,"{cell}","{cell}"\nlast,900,,\n', keyword_at=0, columns=4)
    assert [(number, row[:2], problem) for number, row, problem in found] == [
        (1, ["ai seo", "1900"], ""),
        (50, ["last", "900"], ""),
    ]


def test_a_quote_that_is_closed_far_below_swallows_no_records() -> None:
    text = 'a,1,"open\n' + "".join(f"b{number},2,x\n" for number in range(40)) + 'c,3,"closed"\n'
    found = read(text, keyword_at=0, columns=3)
    assert found[0][2] == OPEN and [row[0] for _, row, problem in found if not problem][:40] == [
        f"b{number}" for number in range(40)
    ]
    assert found[-1][1] == ["c", "3", "closed"]
