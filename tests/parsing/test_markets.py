"""The market of a line, in the words of tools and languages."""

import pytest

from errors import ArgumentError
from parsing import markets
from parsing.markets import Market


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[
            (text, "de")
            for text in (
                "de",
                "DE",
                "deu",
                "Germany",
                "Deutschland",
                "Allemagne",
                "ドイツ",
                "Германия",
                "Germany (DE)",
                "DE - Germany",
            )
        ],
        *[(text, "gb") for text in ("uk", "UK", "gb", "United Kingdom", "Großbritannien", "Great Britain")],
        ("Korea, Republic of", "kr"),
        ("USA", "us"),
        ("Türkiye", "tr"),
        *[(text, None) for text in ("", "-", "Global", "Worldwide", "all")],
    ],
)
def test_a_country_is_known_by_code_and_by_name(text: str, code: str | None) -> None:
    assert markets.country(text) == code


@pytest.mark.parametrize("name", ["desktop", "Computer", "PC", "デスクトップ", "Компьютер", "Ordinateur"])
def test_a_desktop_is_known(name: str) -> None:
    assert markets.device(name) == "desktop"


@pytest.mark.parametrize("name", ["Mobile", "SMARTPHONE", "Handy", "móvil", "モバイル", "手机", "Google Mobile", "iPhone"])
def test_a_mobile_device_is_known(name: str) -> None:
    assert markets.device(name) == "mobile"


@pytest.mark.parametrize(
    ("cells", "market"),
    [
        ({"country": "mobile-us"}, Market("us", None, "mobile")),
        ({"language": "English (US)"}, Market(None, "en")),
        ({"language": "pt-br"}, Market(None, "pt-BR")),
        ({"language": "es-419"}, Market(None, "es-419")),
        ({"language": "zh-Hant"}, Market(None, "zh-TW")),
        ({"locale": "da-DK"}, Market("dk", "da")),
        ({"locale": "US-en"}, Market("us", "en")),
        ({"locale": "GB-en"}, Market("gb", "en")),
        ({"location": "9"}, markets.NOTHING),
        ({"location": "12,3"}, markets.NOTHING),
        ({"locale": "English - United States"}, Market("us", "en")),
        ({"locale": "en-US", "country": "Canada", "language": "fr"}, Market("ca", "fr")),
        ({"location": "Denmark"}, Market("dk")),
        ({"location": "Austin, Texas, United States"}, Market("us", None, None, "Austin, Texas, United States")),
        ({"engine": "google.co.uk"}, Market("gb")),
        ({"engine": "Google (mobile)"}, Market(None, None, "mobile")),
        ({"country": "-", "device": "", "language": "all"}, markets.NOTHING),
    ],
)
def test_the_cells_of_a_line_give_its_market(cells: dict[str, str], market: Market) -> None:
    assert markets.read(cells) == market


@pytest.mark.parametrize(
    "cells",
    [
        {"country": "Atlantis"},
        {"country": "xx"},
        {"device": "tablet"},
        {"language": "Klingon"},
        {"engine": "Bing"},
        {"engine": "yahoo"},
    ],
)
def test_what_is_not_known_is_named(cells: dict[str, str]) -> None:
    with pytest.raises(ArgumentError, match=f"'{next(iter(cells.values()))}'"):
        markets.read(cells)


def test_spellings_of_one_language_or_country_are_one() -> None:
    assert markets.same_country("uk", "GB") and markets.same_language("en-US", "en") and markets.same_language("he", "iw")
    assert not markets.same_language("pt-BR", "pt-PT") and not markets.same_language("zh-TW", "zh-CN")
    assert markets.same_location("Austin,Texas", "austin, texas") and not markets.same_location("Austin", None)
