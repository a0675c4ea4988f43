"""Addresses that exist in endless copies are named; those of ordinary sites are not."""

import doctest
import time
from datetime import date

import pytest

from parsing import url_traps

TODAY = date(2026, 11, 28)


def test_the_examples_are_true() -> None:
    assert doctest.testmod(url_traps).failed == 0


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://e.test/" + "a" * 2000, "too long"),
        ("https://e.test" + "".join(f"/p{n}" for n in range(21)), "too deep"),
        ("https://e.test/css/css/css/x", "repeated path"),
        ("https://e.test/a/b/a/b/a/b/", "repeated path"),
        ("https://e.test/en/x/en/y/en/z/en", "repeated path"),
        ("https://e.test/calendar/2190/05/", "far date"),
        ("https://e.test/?tribe-bar-date=1801-01-01", "far date"),
        ("https://e.test/kalender?jahr=2050&monat=3", "far date"),
        ("https://e.test/events/month/209901", "far date"),
        ("https://e.test/s?" + "&".join(f"p{n}=1" for n in range(13)), "too many parameters"),
        ("https://e.test/s?" + "&".join(f"color[]={n}" for n in range(5)), "mixed facets"),
        ("https://e.test/p?PHPSESSID=1", "session id"),
        ("https://e.test/p?sid=8c7dd922ad47494fc02c388e12c00eac", "session id"),
        ("https://e.test/p?user_session=8c7dd922ad47494fc02c388e12c00eac", "session id"),
        ("https://e.test/shop?add-to-cart=12", "action"),
        ("https://e.test/post?replytocom=7", "action"),
        ("https://e.test/w/index.php?title=A&action=edit", "action"),
        ("https://e.test/login?next=/a/b", "action"),
        ("https://e.test/themes/{{item.url}}", "template"),
        ("https://e.test/a/%7B%7Burl%7D%7D", "template"),
        ("https://e.test/${path}", "template"),
        ("https://e.test/shop/undefined/", "template"),
        ("https://e.test/s?amp%25253Bp=3", "repeated escapes"),
        ("https://e.test/s?a=1&amp;amp;p=3", "repeated escapes"),
    ],
)
def test_a_trap_is_named(url: str, kind: str) -> None:
    assert url_traps.is_trap(url, TODAY) == kind


@pytest.mark.parametrize(
    "url",
    [
        "https://e.test/",
        "https://e.test",
        "https://e.test/1890/05/12/archives/a-fire.html",
        "https://e.test/a/b/a/b/c",
        "https://e.test/tiles/0/0/0/0.png",
        "https://e.test/events/2026/12/concert",
        "https://e.test/events/2019/summit",
        "https://e.test/product/2999-pieces",
        "https://e.test/calendar/model-9000",
        "https://e.test/list?page=2&sort=price&color=red&size=4",
        "https://e.test/article.php?sid=1234",
        "https://e.test/?s=a+long+search+for+something+1",
        "https://e.test/search?start=2500&q=x",
        "https://e.test/?next=2",
        "https://e.test/de/a/de/b/de",
        "https://e.test/?a&b&&=",
        "not an address",
        "https://e.test/a%20b/100%25",
        "https://e.test/wiki/Undefined_behavior",
        "https://e.test/?a=1&amp;b=2",
        "https://e.test/?filter=%7B%22color%22%3A%22red%22%7D",
        "https://e.test/?filter={%22color%22:1}",
        "https://e.test/?q=%3C%2Fb%3E",
    ],
)
def test_an_ordinary_address_is_no_trap(url: str) -> None:
    assert url_traps.is_trap(url, TODAY) is None


def test_a_long_address_costs_no_more_than_its_length() -> None:
    for head, part, tail in (("", "a/", ""), ("?", "x_", "=1"), ("?", "_", ""), ("?date=", "1", "")):
        short, long = (seconds(f"https://e.test/{head}{part * (length // len(part))}{tail}") for length in (240, 1_920))
        assert long < 32 * max(short, 0.001), "eight times the length takes far less than its square"


def seconds(url: str) -> float:
    """The least of three looks."""
    taken = []
    for _ in range(3):
        begin = time.process_time()
        url_traps.is_trap(url, TODAY)
        taken.append(time.process_time() - begin)
    return min(taken)
