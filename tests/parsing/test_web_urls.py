"""Addresses are read as browsers read them, and one page has one identity."""

import doctest

import pytest

import errors
from parsing import marks, web_urls
from tests.parsing import vectors

# w3lib's choices that are not ours: it drops empty values, guesses a scheme, and reads other schemes than http(s).
OTHER_CHOICES = {
    "http://www.example.com/do?b=&a=2",
    "http://www.example.com/do?b=&c&a=2",
    "http://.\u00e9xampl\u00e9.com/r\u00e9sum\u00e9?q=r\u00e9sum\u00e9",
}


def test_the_examples_are_true() -> None:
    assert doctest.testmod(web_urls).failed == 0


@pytest.mark.parametrize("name", ["urls/whatwg.jsonl", "urls/resolve.jsonl"])
def test_every_address_is_resolved_as_the_standard_says(name: str) -> None:
    wrong = []
    for row in vectors.rows(name):
        if "input" not in row:
            continue
        wanted = row["href"] if (row["href"] or "").startswith("http") else None
        found = web_urls.resolve(row["input"], row["base"])
        host = web_urls.parse(found).host if found else None
        if found != wanted or (found and row.get("host", host).strip("[]") != host):
            wrong.append((row["input"], row["base"], wanted, found))

    assert wrong == []


def test_pages_have_the_identity_that_w3lib_gives_them() -> None:
    wrong = []
    for row in vectors.rows("urls/canonical.jsonl"):
        if row["url"] in OTHER_CHOICES or not (row["canonical"] or "http://").startswith("http://") or "://" not in row["url"]:
            continue
        try:
            found = web_urls.canonical(row["url"])
        except errors.DataError:
            found = None
        if found != row["canonical"] and row["canonical"] != "http:/":
            wrong.append((row["url"], row["canonical"], found))

    assert wrong == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.test/?b=1&a=2", "https://e.test/?a=2&b=1"),
        ("https://e.test", "https://E.TEST:443/#x"),
        ("https://e.test/a%2db?q=%7e", "https://e.test/a-b?q=~"),
        ("https://e.test/?q=a%20b", "https://e.test/?q=a+b"),
        ("https://e.test/?x[]=1", "https://e.test/?x%5b%5D=1"),
        ("https://e.test/?utm_source=a&gclid=1&_ga=2&mtm_campaign=x", "https://e.test/"),
        ("https://e.test/p.php?PHPSESSID=0&a=1", "https://e.test/p.php?a=1"),
        ("https://e.test/p;jsessionid=0A?a=1", "https://e.test/p?a=1"),
        ("https://e.test/(S(lit3py55t21z5v55vlm25s55))/p.aspx", "https://e.test/p.aspx"),
        ("https://e.test/?sid=8c7dd922ad47494fc02c388e12c00eac&a=1", "https://e.test/?a=1"),
        ("https://e.test/a//b", "https://e.test/a/b"),
        ("https://e.test/?q=&q=&q=", "https://e.test/?q="),
        ("https://e.test/././search.php?sid=522b2caac3959c510cf81dfa71395a08", "https://e.test/search.php"),
        ("https://e.test./", "https://e.test/"),
        ("https://e.test/?", "https://e.test/"),
        ("https://e.test/?a=", "https://e.test/?a"),
        ("https://m\u00fcnchen.test/\u00e4", "https://xn--mnchen-3ya.test/%C3%A4"),
    ],
)
def test_spellings_of_one_page_have_one_identity(one: str, other: str) -> None:
    assert web_urls.canonical(one) == web_urls.canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.test/?x=1&x=2", "https://e.test/?x=2&x=1"),
        ("https://e.test/a", "https://e.test/a/"),
        ("https://e.test/a", "https://e.test/A"),
        ("https://e.test/a%2Fb", "https://e.test/a/b"),
        ("https://e.test/?q=a%26b", "https://e.test/?q=a&b"),
        ("https://e.test/?q=1%2B1", "https://e.test/?q=1+1"),
        ("https://e.test/", "http://e.test/"),
        ("https://e.test/", "https://www.e.test/"),
        ("https://e.test/?sid=12", "https://e.test/?sid=13"),
        ("https://e.test/?print", "https://e.test/"),
        ("https://e.test:8443/", "https://e.test/"),
    ],
)
def test_different_pages_have_different_identities(one: str, other: str) -> None:
    assert web_urls.canonical(one) != web_urls.canonical(other)


def test_the_identity_of_an_identity_is_itself() -> None:
    for row in vectors.rows("urls/whatwg.jsonl"):
        if (row["href"] or "").startswith("http"):
            once = web_urls.canonical(row["href"])
            assert web_urls.canonical(once) == once


def test_every_mark_of_an_impression_is_gone() -> None:
    for name in marks.NAMES:
        assert web_urls.canonical(f"https://e.test/?{name}=x&a=1") == "https://e.test/?a=1"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no scheme"),
        ("example.com/a", "no scheme"),
        ("javascript:alert(1)", "http://"),
        ("file:///etc/passwd", "http://"),
        ("http://", "host and port"),
        ("http://a.test:99999/", "host and port"),
        ("http://a b.test/", "host and port"),
        ("http://[::1/", "host and port"),
        ("https://e.test/" + "a" * 20_000, "characters"),
    ],
)
def test_what_no_browser_opens_is_refused_with_a_remedy(text: str, part: str) -> None:
    with pytest.raises(errors.DataError, match=part):
        web_urls.parse(text)
    assert web_urls.resolve(text) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://0x7f000001/", "127.0.0.1"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://0177.1/", "127.0.0.1"),
        ("http://\uff11\uff12\uff17.0.0.1/", "127.0.0.1"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"),
        ("http://good.test\\@evil.test/", "good.test"),
        ("http://good.test@evil.test/", "evil.test"),
        ("http://evil.test#@good.test/", "evil.test"),
        ("http://ev\til.test/", "evil.test"),
    ],
)
def test_an_odd_spelling_shows_the_host_that_is_connected_to(url: str, host: str) -> None:
    assert web_urls.parse(url).host == host


@pytest.mark.parametrize("host", ["10.0.0.1", "[2001:db8::1]", "2001:db8::1"])
def test_an_address_of_a_machine_is_a_site_of_its_own(host: str) -> None:
    assert web_urls.site_of(host) == host.strip("[]")


def test_hosts_of_one_owner_are_one_site() -> None:
    assert web_urls.site_of("A.Example.com.") == web_urls.site_of("example.com") == "example.com"
    assert web_urls.site_of("foo.github.io") != web_urls.site_of("bar.github.io")
    assert web_urls.site_of("xn--85x722f.xn--55qx5d.cn") == "xn--85x722f.xn--55qx5d.cn"
