"""`uule` carries a place as Google's own encoder writes it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

import models
from clients.serp import scrapedo, scrapedo_plugin, uule
from sandbox import server
from tests.clients.stage import TOKEN, closing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Austin,Texas,United States", "w+CAIQICIaQXVzdGluLFRleGFzLFVuaXRlZCBTdGF0ZXM"),
        ("Albuquerque, New Mexico", "w+CAIQICIXQWxidXF1ZXJxdWUsIE5ldyBNZXhpY28"),  # serpapi/public-roadmap#1974
        (  # counted in bytes, more than 63 of them: ogun/uule_grabber#2
            base64.b64decode("2KfYtdmB2YfYp9mG2Iwg2KfYs9iq2KfZhiDYp9i12YHZh9in2YbYjCDYp9uM2LHYp9mG").decode(),
            "w+CAIQICIz2KfYtdmB2YfYp9mG2Iwg2KfYs9iq2KfZhiDYp9i12YHZh9in2YbYjCDYp9uM2LHYp9mG",
        ),
    ],
)
def test_a_place_is_encoded_as_others_found_it_to_work(name: str, value: str) -> None:
    assert uule.encode(name) == value


def test_a_name_of_more_than_63_bytes_changes_the_letter_before() -> None:
    assert [uule.encode("x" * size)[:11] for size in (63, 64, 107, 127)] == [
        "w+CAIQICI_e",
        "w+CAIQICJAe",
        "w+CAIQICJre",
        "w+CAIQICJ_e",
    ]


@given(st.text(min_size=1, max_size=300))
def test_a_place_reads_back_as_the_message_it_is(name: str) -> None:
    coded = uule.encode(name).removeprefix("w+")
    raw = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
    assert raw[:5] == bytes((8, 2, 16, 32, 34)) and "=" not in coded
    length, at = raw[5] & 127, 6
    if raw[5] > 127:
        length, at = length | raw[6] << 7, 7
    assert raw[at:].decode() == name and length == len(raw[at:])


PLACE = models.SerpQuery("plumber", location="Austin,Texas,United States")


def test_the_address_of_a_page_carries_the_place_with_a_plain_plus() -> None:
    url = scrapedo.google_url(PLACE, start=10)
    assert url.endswith("&start=10&uule=w+CAIQICIaQXVzdGluLFRleGFzLFVuaXRlZCBTdGF0ZXM")
    assert "uule" not in scrapedo.google_url(models.SerpQuery("plumber"), start=0)


def test_each_provider_is_asked_for_the_place(sandbox: server.Sandbox) -> None:
    page = scrapedo.ScrapeDo(sandbox.url, SecretStr(TOKEN), timeout_s=20)
    plugin = scrapedo_plugin.ScrapeDoPlugin(sandbox.url, SecretStr(TOKEN), timeout_s=20)
    with closing(page), closing(plugin):
        assert page.page(PLACE, start=0).body and plugin.page(PLACE, start=0).url.count("location=Austin") == 1
    by_page, by_plugin = (seen.params for seen in sandbox.requests)
    assert by_page["url"].endswith("&uule=w+CAIQICIaQXVzdGluLFRleGFzLFVuaXRlZCBTdGF0ZXM")
    assert by_plugin["location"] == "Austin,Texas,United States" and "location" not in by_page
