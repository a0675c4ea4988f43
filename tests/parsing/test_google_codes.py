"""Languages and countries are Google's lists; what is none is refused with the nearest."""

import re

import pytest

from errors import ArgumentError
from parsing import google_codes


@pytest.mark.parametrize(
    "code",
    ["en", "es-419", "zh-Hant", "zh-Hans", "zh-CN", "zh-TW", "zh-HK", "sr-Latn", "sr", "pt-BR", "pt-PT", "pt", "fil", "tl",
     "iw", "he", "no", "nb", "nn", "fr-CA", "en-GB", "lb", "ms", "my", "ckb", "chr", "haw", "jw", "xx-klingon", "ceb",
     "de-AT", "en-US"],
)  # fmt: skip
def test_a_language_of_google_is_taken_in_any_spelling_and_kept_in_googles(code: str) -> None:
    for typed in (code, code.upper(), code.lower(), code.replace("-", "_"), f" {code} "):
        assert google_codes.language(typed) == code


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("jp", "ja"), ("cz", "cs"), ("gr", "el"), ("dk", "da"), ("se", "sv"), ("kr", "ko"), ("ua", "uk"), ("cn", "zh-CN"),
     ("english", "en"), ("Español", "es"), ("portugese", "pt"), ("nl-NL", "nl"), ("en-XX", "en"), ("en-UK", "en-GB"),
     ("zh-Latn", "zh"), ("tagalog", "fil"), ("sr-Lat", "sr-Latn"), ("es-149", "es-419")],
)  # fmt: skip
def test_what_is_no_language_is_refused_with_the_nearest(typed: str, nearest: str) -> None:
    with pytest.raises(ArgumentError, match=f"--language '{re.escape(typed)}' is no language") as refused:
        google_codes.language(typed)
    assert f" {nearest} (" in str(refused.value)


@pytest.mark.parametrize("typed", ["", "e", "xx", "12", "en-", "-en", "en--us", "en us", "e\x00n", "日本語", "x" * 500])
def test_nonsense_is_refused_as_a_code(typed: str) -> None:
    for read in (google_codes.language, google_codes.country):
        with pytest.raises(ArgumentError) as refused:
            read(typed)
        assert len(str(refused.value)) < 300


@pytest.mark.parametrize("code", ["us", "uk", "gb", "de", "je", "ss", "cw", "sx", "rs", "me", "tl", "ax"])
def test_a_country_of_google_is_taken_in_any_case(code: str) -> None:
    assert google_codes.country(code) == google_codes.country(code.upper()) == code


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("usa", "us"), ("en", "gb"), ("England", "gb"), ("germany", "de"), ("el", "gr"), ("ja", "jp"), ("Deutschland", "de")],
)
def test_what_is_no_country_is_refused_with_the_nearest(typed: str, nearest: str) -> None:
    with pytest.raises(ArgumentError, match="is no country code") as refused:
        google_codes.country(typed)
    assert f" {nearest} (" in str(refused.value)


def test_the_lists_name_each_code_once_and_say_their_date() -> None:
    for name in ("google_languages.txt", "google_countries.txt"):
        text = (google_codes.HERE / name).read_text(encoding="utf-8")
        codes = [line.split("\t")[0].lower() for line in text.splitlines() if not line.startswith("#")]
        assert len(codes) == len(set(codes)) and re.search(r"\b2026-\d\d\b", text)
