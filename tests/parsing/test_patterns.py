"""Patterns of users: the harmless are taken, the others refused."""

import pytest

import errors
from parsing import patterns


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+b", "(a|a)*b", "(a|aa)+b", "a?" * 30 + "a" * 30, "(x+x+)+y", "(a*)*", "([a-z]+)*", ".*.*.*.*.*x", "(a{1,50}){1,50}b",
     "(a?){99999}b", "((a|b){1,20}){1,2}c", r"(a)\1", "(?=a)b", "(?P<x>a)", "(?i:a)", "[", "(", "a" * 301, ""],
)  # fmt: skip
def test_a_pattern_that_could_take_long_or_is_broken_is_refused(pattern: str) -> None:
    with pytest.raises(errors.DataError, match="pattern"):
        patterns.compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(r"\d{1,3}(\.\d{1,3}){3}", "192.0.2.1"), (r"\w+@\w+\.\w+", "a@b.c"), ("(?:abc)+", "abcabc"), (r"[\]a-]+", "]-a"),
     ("[A-Z]{2}\\d*", "AB12"),
     (r"\d{4}-\d{2}-\d{2}", "2020-01-01"), ("(red|green)-?x", "redx"), ("^a{,3}$", "aa")],
)  # fmt: skip
def test_an_ordinary_pattern_is_taken_and_holds_for_the_whole_text(pattern: str, text: str) -> None:
    assert patterns.matches(pattern, text)
    assert not patterns.matches(pattern, f"{text}!")


@pytest.mark.parametrize("text", ["a" * 100_000, "1" * 100_000, "a@" * 50_000, "." * 271])
def test_no_pattern_that_is_taken_takes_long(text: str) -> None:
    for pattern in (".*.*.*x", r"\w+@\w+\.\w+", ".*.*x", "[^x]*y", r"\d{1,3}(,\d{3})*"):
        assert patterns.matches(pattern, text) is (pattern == "[^x]*y" and text.endswith("y"))
