"""Marks of one impression are taken off an address; whatever else it says stays letter by letter."""

import doctest

import pytest

from parsing import marks


def test_the_examples_are_true() -> None:
    assert doctest.testmod(marks).failed == 0


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://e.test/p?srsltid=Af1", "https://e.test/p"),
        ("https://e.test/p.do;jsessionid=0A1B.node2?a=1", "https://e.test/p.do?a=1"),
        ("https://e.test/p;v=1;JSESSIONID=0A/q", "https://e.test/p;v=1/q"),
        ("https://e.test/p?PHPSESSID=abc&a=1", "https://e.test/p?a=1"),
        ("https://e.test/p?_branch_match_id=1&mibextid=x", "https://e.test/p"),
        ("https://e.test/#!/docs#:~:text=a", "https://e.test/#!/docs"),
        ("https://e.test/p?SRSLTID=Af1&Gclid=2", "https://e.test/p"),
        ("https://e.test/p?a=1&gclid=x&b=%C3%A9+c", "https://e.test/p?a=1&b=%C3%A9+c"),
        ("https://e.test/p?fbclid=x&a", "https://e.test/p?a"),
        ("https://e.test/?gad_source=1&gad_campaignid=2&gbraid=3&wbraid=4&msclkid=5", "https://e.test/"),
        ("https://e.test/p?a=1#top", "https://e.test/p?a=1"),
        ("https://e.test/p#:~:text=a,-b", "https://e.test/p"),
        ("https://e.test/#!/shop?x=1", "https://e.test/#!/shop?x=1"),
        ("https://e.test/p?utm_source=google&utm_medium=organic", "https://e.test/p?utm_source=google&utm_medium=organic"),
        ("https://e.test/p?gclid_not=1&mygclid=2", "https://e.test/p?gclid_not=1&mygclid=2"),
        ("https://e.test/gclid=1/p", "https://e.test/gclid=1/p"),
        ("https://e.test/p?q=gclid", "https://e.test/p?q=gclid"),
        ("https://e.test/p?a=1;b=2&&c", "https://e.test/p?a=1;b=2&&c"),
        ("https://e.test", "https://e.test"),
        ("", ""),
        ("not a url % &", "not a url % &"),
    ],
)
def test_marks_and_fragments_go_and_the_rest_stays(url: str, kept: str) -> None:
    assert marks.without(url) == kept
    assert marks.without(kept) == kept, "twice changes nothing"
