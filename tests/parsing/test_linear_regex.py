"""Regular expressions of strangers: the same answers as Python's own engine, in a time that grows with the text alone."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clock
from errors import ArgumentError
from parsing import linear_regex
from tests import patience

PATTERNS = (
    *("^/blog/[0-9]{4}/", "a|b$", "(ab)*c", "x{2,3}y", r"(?i)FOO[a-c]\d+", r"\bcat\b", r"[^/]+\.html$", "(a+)+$", "", "a??b"),
    *("(?:x|yz)+?q", "/private/.*", r"\Bat", r"[\w-]+/\s*", "(?i)[A-C]x", "^$", "(|a)+b", "a{0}b", "[^a-c]", "(?P<name>a)b"),
)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text(alphabet=string.ascii_lowercase[:6] + "xyz/12fo. Catml-_A\n", max_size=14))
def test_it_finds_what_python_finds(pattern: str, text: str) -> None:
    if text.endswith("\n"):  # Python's $ fits before a last line end, too
        text += "."
    assert linear_regex.compiled(pattern).search(text) == bool(re.search(pattern, text))


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){12}b", "((a*)*)*c", "a{0,200}a{0,200}c"])
def test_no_expression_takes_longer_than_the_text_is_long(pattern: str) -> None:
    begun = clock.monotonic()
    assert not linear_regex.compiled(pattern).search("a" * 3_000 + "!")
    assert clock.monotonic() - begun < patience.leeway(20.0)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "no regular expression"),
        ("(?=a)b", "assert"),
        (r"(a)\1", "groupref"),
        ("(?>a)b", "atomic"),
        ("a++b", "possessive"),
        ("a{1,999}", "repeats more"),
        ("(?:a{100}){100}", "too large"),
        ("a" * 2001, "characters"),
        ("(?i:a)b", "flags"),
    ],
)
def test_what_it_cannot_search_is_refused_with_the_reason(pattern: str, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        linear_regex.compiled(pattern)


@pytest.mark.parametrize(("pattern", "meant"), [("*.pdf", r".*\.pdf$"), ("/blog/**", "/blog/.*"), ("**/a?b", r".*/a\?b$")])
def test_a_pattern_with_wildcards_is_told_as_an_expression(pattern: str, meant: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        linear_regex.compiled(pattern)
    assert str(caught.value).endswith(f"With wildcards it is written {meant}") and linear_regex.compiled(meant)
