"""The project's target: what is ours, and what only looks like it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import errors
import models
from parsing import domains, serp, urls
from tests.parsing import pages

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    ("target", "ours", "others"),
    [
        (
            "example.com",
            ["https://example.com/", "http://www.example.com/a", "https://blog.example.com", "https://a.b.example.com:8443/x"],
            ["https://example.org", "https://notexample.com", "https://example.com.evil.net", "https://evil.net/example.com"],
        ),
        ("blog.example.com", ["https://blog.example.com/", "https://www.blog.example.com"], ["https://example.com", "https://x.blog.example.com"]),
        ("*.blog.example.com", ["https://blog.example.com/", "https://x.blog.example.com"], ["https://example.com", "https://xblog.example.com"]),
        ("www.example.co.uk", ["https://example.co.uk", "https://shop.example.co.uk"], ["https://other.co.uk"]),
        ("foo.github.io", ["https://foo.github.io/x", "https://a.foo.github.io"], ["https://bar.github.io", "https://github.io"]),
        ("example.com/docs", ["https://example.com/docs", "https://www.example.com/docs/a?b"], ["https://example.com/", "https://example.com/docs-old"]),
        ("example.com/a%20b", ["https://example.com/a b", "https://example.com/a%20b/c"], ["https://example.com/a"]),
        ("MÜNCHEN.de", ["https://xn--mnchen-3ya.de/", "https://www.münchen.de/"], ["https://muenchen.de"]),
        ("192.0.2.7", ["http://192.0.2.7:8080/x"], ["http://192.0.2.70/", "http://1.192.0.2.7"]),
        ("[2001:db8::1]", ["http://[2001:DB8::1]/"], ["http://[2001:db8::2]/"]),
        ("amazonaws.com", ["https://amazonaws.com/", "https://www.amazonaws.com"], ["https://bucket.s3.amazonaws.com/x"]),
    ],
)  # fmt: skip
def test_a_target_matches_what_is_its_own_and_nothing_else(target: str, ours: list[str], others: list[str]) -> None:
    parsed = domains.parse_target(target)

    assert [url for url in ours if not domains.matches(parsed, url)] == []
    assert [url for url in others if domains.matches(parsed, url)] == []


@pytest.mark.parametrize(
    "text",
    ["", " ", "co.uk", "com", "github.io", "*.co.uk", "localhost", "exa mple.com", "example..com", "a@example.com", "*", "*.", "https://",
     "999.1.1.1", "*.192.0.2.7", "example.com?x=1", "example.com:port", "-.com", "a" * 64 + ".com", "http://http://a.com"],
)  # fmt: skip
def test_nonsense_is_refused_with_its_value_and_a_remedy(text: str) -> None:
    with pytest.raises(errors.ArgumentError) as caught:
        domains.parse_target(text)

    assert repr(text) in str(caught.value)
    assert ": " in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com",
        "EXAMPLE.com.",
        "www.example.com/",
        "example.com:443",
        "//example.com",
        "http://www.example.com:80/",
        "http:example.com",
        "https:/example.com",
        "https:///example.com",
        "example.com/*",
        "https://www.example.com/*",
    ],
)
def test_scheme_port_www_and_trailing_marks_do_not_matter(text: str) -> None:
    assert domains.parse_target(text) == domains.parse_target("example.com")


@pytest.mark.parametrize("scheme", ["http//", "https//", "http:/", "http:", "ttp://", "htttps://", "//"])
def test_a_scheme_is_read_as_people_type_it_and_only_at_the_beginning(scheme: str) -> None:
    assert str(domains.parse_target(f"{scheme}www.example.com//de//")) == "example.com/de"
    assert str(domains.parse_target(f"example.com/a//{scheme.rstrip('/:')}")).startswith("example.com/a")


def test_a_star_behind_a_path_means_what_is_below_and_a_star_within_it_is_refused() -> None:
    assert domains.parse_target("example.com/docs/*") == domains.parse_target("example.com/docs")
    for text in ("example.com/*/docs", "example.com/docs*"):
        with pytest.raises(errors.ArgumentError, match="its path"):
            domains.parse_target(text)


def test_a_profile_path_may_hold_an_at_sign() -> None:
    target = domains.parse_target("social.example.com/@me")

    assert domains.matches(target, "https://social.example.com/@me/posts")


def test_every_hit_is_kept_in_page_order() -> None:
    organic = [
        models.Organic(1, "https://other.org/", None, "no", "other.org"),
        models.Organic(2, "https://example.com/a", None, "direct", None),
        models.Organic(3, None, "https://www.google.com/goto?url=x", "shown", "www.example.com"),
        models.Organic(4, None, "https://www.google.com/goto?url=y", "hidden", None),
        models.Organic(5, "https://other.org/", None, "the link decides, not the host shown", "example.com"),
    ]

    hits = domains.find_hits(domains.parse_target("example.com"), organic)

    assert [(hit.position, hit.approximate) for hit in hits] == [(2, False), (3, True)]


def test_a_target_with_a_path_has_no_approximate_hits() -> None:
    organic = [models.Organic(1, None, "https://www.google.com/goto?url=x", "shown", "example.com")]
    target = domains.parse_target("example.com/docs")

    assert domains.find_hits(target, organic) == []
    assert domains.may_match_host(target, "example.com")


@given(LABEL, LABEL, LABEL)
def test_a_target_matches_itself_and_reads_its_own_text_back(host: str, sub: str, path: str) -> None:
    host = f"tracked-{host}"  # x0.com and its like are public suffixes
    for text in (f"{host}.com", f"{sub}.{host}.com", f"*.{sub}.{host}.com", f"{host}.com/{path}"):
        target = domains.parse_target(text)

        assert domains.matches(target, "https://" + text.removeprefix("*."))
        assert domains.parse_target(str(target)) == target


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_an_argument_error(text: str) -> None:
    try:
        target = domains.parse_target(text)
    except errors.ArgumentError:
        return

    assert domains.parse_target(str(target)) == target


PARTS = ["example.com", "www", "evil.net", "EXAMPLE.COM", "evil", "", "user@", ":80", "#", "?"]
HOSTS = st.builds(str.join, st.sampled_from([".", ""]), st.lists(st.sampled_from(PARTS), min_size=1, max_size=4))
NEAR = st.builds("{}/{}".format, HOSTS, st.sampled_from(["docs", "docs/a", "Docs", "docs-old", ""]))


@given(st.text(max_size=60) | NEAR)
def test_whatever_an_address_holds_it_matches_only_by_its_host(text: str) -> None:
    target = domains.parse_target("example.com/docs")

    for url in (text, "https://" + text):
        host = urls.host_of(url)

        assert not domains.matches(target, url) or f".{host}".endswith(".example.com")
        assert domains.may_match_host(target, host) or not domains.matches(target, url)
    assert not domains.may_match_host(target, text) or "example" in text.casefold()


@pytest.mark.parametrize(
    "text",
    ["sc-domain:example.com", "SC-Domain: example.com", "sc-domain:www.example.com", "\ufeffexample.com", "example.com\u200e"],
)
def test_a_name_as_it_is_pasted_is_taken(text: str) -> None:
    assert str(domains.parse_target(text)) == "example.com"


@pytest.mark.parametrize(
    ("text", "named"),
    [("example.com，", "U+FF0C"), ("example.com,", "U+002C"), ("“example.com”", "U+201C"), ("example.com）", "U+FF09"),
     ("example.com、", "U+3001"), ("exam\u200bple.com", "U+200B"), ("<example.com>", "U+003C"), ("example…com", "U+2026"),
     ("me@example.com", "U+0040"), ("$.com", "U+0024")],
)  # fmt: skip
def test_a_character_that_no_host_has_is_named(text: str, named: str) -> None:
    with pytest.raises(errors.ArgumentError, match=re.escape(named)):
        domains.parse_target(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [("example。com", "example.com"), ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
     ("l·l.cat", "xn--ll-0ea.cat"), ("i❤.ws", "xn--i-7iq.ws"),
     ("a_b.example.com", "a_b.example.com"), ("例え。テスト.jp", "xn--r8jz45g.xn--zckzah.jp")],
)  # fmt: skip
def test_marks_of_other_scripts_stay_in_host_names(text: str, host: str) -> None:
    assert domains.parse_target(text).host == host


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("example.de", "https://www-example-de.translate.goog/page?_x_tr_sl=de&_x_tr_tl=hi&_x_tr_hl=hi"),
        ("my-shop.de", "https://my--shop-de.translate.goog/?_x_tr_sl=de&_x_tr_tl=en"),
        ("example.de/page", "https://translate.google.com/translate?hl=en&sl=de&u=https://www.example.de/page&prev=search"),
        ("example.de", "https://www-example-de.cdn.ampproject.org/c/s/www.example.de/page"),
        ("example.de", "https://webcache.googleusercontent.com/search?q=cache:Ab_-45678901:https://www.example.de/page"),
    ],
)
def test_googles_copy_of_our_page_is_our_page(target: str, url: str) -> None:
    organic = serp.parse(pages.page(pages.result("https://other.test/"), pages.result(url))).organic
    [hit] = domains.find_hits(domains.parse_target(target), organic)

    assert hit.position == 2 and hit.url is not None and urls.host_of(hit.url) in {"www.example.de", "my-shop.de"}


def test_an_opaque_link_to_a_copy_is_known_by_the_host_that_is_shown() -> None:
    shown = pages.result("/goto?url=CAES", shown="www-example-de.translate.goog")

    assert domains.find_hits(domains.parse_target("example.de"), serp.parse(pages.page(shown)).organic)[0].approximate
