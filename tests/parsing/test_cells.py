"""What stands in cells: volumes in each spelling, tags, addresses, and the sign against formulas."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parsing import cells


@pytest.mark.parametrize(
    ("text", "volume"),
    [
        *[
            (text, 1000)
            for text in (
                "1000",
                "1,000",
                "1.000",
                "1 000",
                "1\u00a0000",
                "1\u202f000",
                "1'000",
                "1’000",
                "1000.0",
                "1000,00",
                "1K",
            )
        ],
        *[(text, 1500) for text in ("1.5K", "1,5 k", "1,5 tys.", "1.5 Tsd.", "1500.4", "1 500", "１５００")],
        *[
            (text, 50_000)
            for text in (
                "10K – 100K",
                "10K-100K",
                "10 k — 100 k",
                "10 mil – 100 mil",
                "10,000 - 100,000",
                "1万～10万",
                "10K to 100K",
            )
        ],
        ("100 - 1,000", 500),
        ("10–100", 50),
        ("100K – 1M", 500_000),
        ("11-50", 30),
        ("1,234,567", 1_234_567),
        ("1.234.567", 1_234_567),
        ("10,00,000", 1_000_000),
        ("1,234.5", 1234),
        ("1.234,5", 1234),
        ("10 тыс.", 10_000),
        ("2.1M", 2_100_000),
        ("<10", 10),
        ("10+", 10),
        ("1.00E+05", 100_000),
        ("1,2E+05", 120_000),
        ("1.2 bn", 1_200_000_000),
        ("1 crore", 10_000_000),
        ("0", 0),
        ("0.5", 0),
        *[(text, None) for text in ("", "-", "many", "1e5", "1.5e3", "12 apples", "100 - 10", "-5", "1,2,3", "K")],
    ],
)
def test_a_volume_is_read_in_each_spelling_and_never_guessed(text: str, volume: int | None) -> None:
    assert cells.volume(text) == volume


@given(st.text(max_size=40))
@example("9" * 5000)
def test_no_cell_breaks_the_reading(text: str) -> None:
    found = cells.volume(text)
    assert found is None or 0 <= found <= cells.MAX_VOLUME
    assert len(cells.tags(text)) <= cells.MAX_TAGS
    cells.target_url(text)


@given(st.text(alphabet="'=+-@\t\ra |%", max_size=6))
@example("'s-hertogenbosch hotel")
@example("'=1")
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    assert cells.guarded(text)[:1] not in ("=", "+", "-", "@", "\t", "\r") or text == ""
    assert cells.unguarded(cells.guarded(text)) == text


@pytest.mark.parametrize("text", ["'s-hertogenbosch hotel", "'90s music", "'", "''", "'|a", "'%a"])
def test_an_apostrophe_that_guards_nothing_stays(text: str) -> None:
    assert cells.guarded(text) == cells.unguarded(text) == text


def test_tags_are_parted_by_each_sign_that_tools_use_and_come_once() -> None:
    assert cells.tags("a, b;c|d\ne，f、g, A,,-") == ("a", "b", "c", "d", "e", "f", "g")
    assert (
        len(cells.tags(",".join(map(str, range(100))))) == cells.MAX_TAGS and len(cells.tags("x" * 100)[0]) == cells.MAX_TAG_CHARS
    )


@pytest.mark.parametrize(
    "text", ["see notes", "a b.com", "ftp://x.y", "javascript:alert(1)", "shoes", "https://", "x" * 3000, "http://a"]
)
def test_what_is_no_address_is_no_target_page(text: str) -> None:
    assert cells.target_url(text) is None
