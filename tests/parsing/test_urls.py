"""Addresses: unwrapped once and for all, never raising."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing import urls

WEB = st.builds(
    "https://{}.example/{}?{}".format,
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.from_regex(r"[a-z/]{0,8}", fullmatch=True),
    st.from_regex(r"[a-z]=[a-z&=%]{0,6}", fullmatch=True),
)


@given(WEB, st.sampled_from(["q", "url"]))
def test_a_wrapped_address_comes_out_as_it_went_in(url: str, field: str) -> None:
    wrapped = f"/url?sa=U&{field}={quote(url, safe='')}&ved=x"

    assert urls.unwrap(wrapped) == (url, None)
    assert urls.unwrap(f"/url?q={quote('https://www.google.com' + wrapped, safe='')}") == (url, None)


@given(WEB)
def test_an_unwrapped_address_stays_as_it_is(url: str) -> None:
    assert urls.unwrap(url) == (url, None)


@given(st.text(max_size=80), st.text(max_size=30))
def test_any_text_is_read_as_an_address_or_as_none(text: str, base: str) -> None:
    found = [*urls.unwrap(text, base), urls.absolute(text, base)]
    shown = urls.displayed_host(text)
    host = urls.host_of("https://" + text)

    assert all(url is None or url.lower().startswith(("http://", "https://")) for url in found)
    assert shown is None or ("." in shown and urls.normal_host(shown) == shown)
    assert host is None or (host.isascii() and host == host.lower() and not host.endswith("."))
    assert host is None or ":" in host or urls.normal_host(host) == host


@pytest.mark.parametrize(
    ("href", "url", "goto"),
    [
        ("/goto?url=CAES", None, "https://www.google.com/goto?url=CAES"),
        ("https://www.google.de/goto?url=CAES", None, "https://www.google.de/goto?url=CAES"),
        ("/url?q=/search%3Fq%3Da", None, None),
        ("#top", None, None),
        ("javascript:alert(1)", None, None),
        ("mailto:a@example.com", None, None),
        (None, None, None),
        ("//example.com/a", "https://example.com/a", None),
        ("https://example.com/url?q=https://other.example/", "https://example.com/url?q=https://other.example/", None),
        ("https://www.google.com/amp/s/example.com/a", "https://example.com/a", None),
        ("https://www.google.com/amp/example.com/a", "http://example.com/a", None),
        ("https://www.google.com/maps", "https://www.google.com/maps", None),
        ("https://a.com:99999999/", None, None),
        ("https://a.com/x#:~:text=y", "https://a.com/x#:~:text=y", None),
    ],
)
def test_each_kind_of_link_leads_where_it_leads(href: str | None, url: str | None, goto: str | None) -> None:
    assert urls.unwrap(href) == (url, goto)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://EXAMPLE.com", "example.com"),
        ("https://example.com.:443/", "example.com"),
        ("https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"),
        ("https://münchen.de/", "xn--mnchen-3ya.de"),
        ("https://stra\u00dfe.de/", "xn--strae-oqa.de"),
        ("https://i❤.ws/", "xn--i-7iq.ws"),
        ("https://[2001:db8::1]:8080/", "2001:db8::1"),
        ("https://a b.com/", None),
        ("https://", None),
        ("example.com/x", None),
        (None, None),
    ],
)
def test_a_host_has_one_spelling(url: str | None, host: str | None) -> None:
    assert urls.host_of(url) == host


@pytest.mark.parametrize(
    ("cite", "host"),
    [
        ("https://www.example.com › a › b", "www.example.com"),
        ("example.com/a", "example.com"),
        ("www.example.com", "www.example.com"),
        ("https://münchen.de › x", "xn--mnchen-3ya.de"),
        ("30.9K+ likes · 9 months ago", None),
        ("Reddit · r/askscience", None),
        ("3.5", None),
        ("", None),
        (None, None),
    ],
)
def test_a_green_line_shows_a_host_or_nothing(cite: str | None, host: str | None) -> None:
    assert urls.displayed_host(cite) == host
