"""The encoding of a page: what it declares, what it is guessed to be, and what no declaration can do."""

import json
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from parsing import charsets
from tests import growth

VECTORS = Path(__file__).parents[3] / "shared" / "corpus" / "urls" / "charset.jsonl"

RUSSIAN = "<title>Новости</title><p>Сегодня в городе открылась выставка современного искусства, билеты стоят недорого."
FRENCH = "<p>L’été dernier, les élèves ont visité le château à côté de la forêt, où régnait une chaleur extrême."
JAPANESE = "<p>東京の天気は晴れです。明日は雨が降るでしょう。今日のニュースをお伝えします。カタカナも。"
CHINESE = "<p>今天天气很好，我们去公园散步。这是一个测试网页，包含一些常见的汉字。"
KOREAN = "<p>오늘 날씨가 매우 좋습니다. 우리는 공원에 산책하러 갑니다. 이것은 시험 페이지입니다."
GREEK = "<p>Σήμερα ο καιρός είναι καλός και πηγαίνουμε στο πάρκο για περίπατο με τα παιδιά."
POLISH = "<p>Dziś pogoda jest świetna, więc idziemy na spacer do parku. Źdźbło trawy i żółta gęś śpią."


def vectors(what: str) -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param("", "", marks=pytest.mark.skip(reason="the shared corpus is not here"))]
    lines = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8", errors="surrogatepass").splitlines()]
    return [(line["input"], line["value"]) for line in lines if line["what"] == what]


@pytest.mark.parametrize(("header", "expected"), vectors("http_content_type_encoding"))
def test_a_header_is_read_as_others_read_it(header: str | None, expected: str | None) -> None:
    assert charsets.declared(b"", header) == expected


@pytest.mark.parametrize(("body", "expected"), vectors("html_body_declared_encoding"))
def test_a_declaration_within_the_page_is_read_as_others_read_it(body: str, expected: str | None) -> None:
    assert charsets.declared(body.encode("latin-1"), None) == expected


@pytest.mark.parametrize(("name", "expected"), vectors("resolve_encoding"))
def test_a_name_means_what_browsers_mean(name: str, expected: str | None) -> None:
    assert charsets.declared(b"", f"text/html; charset={name.strip()}") == expected


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        (b"\xef\xbb\xbf<meta charset=koi8-r>x", "text/html; charset=cp1251", "utf-8"),
        (b"\xff\xfex\x00", "text/html; charset=utf-8", "utf-16-le"),
        (b"\xfe\xff\x00x", None, "utf-16-be"),
        (b"<meta charset=koi8-r>x", "text/html; charset=cp1251", "cp1251"),
        (b"<meta charset=koi8-r>x", "text/html; charset=none-such", "koi8-r"),
        (b"<meta charset=koi8-r>x", "text/html", "koi8-r"),
        (b"<meta charset=utf-16>x", "text/html", "utf-8"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?><a/>', "application/xml", "cp1252"),
        (b"x" * 5000 + b"<meta charset=koi8-r>", None, None),
        (b"x", "text/html; charset=punycode", None),
    ],
)
def test_mark_then_header_then_page(body: bytes, header: str | None, expected: str | None) -> None:
    assert charsets.declared(body, header) == expected
    text, name = charsets.decode(body, header)
    assert name == (expected or "utf-8") and "x" in text + "x" and not text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "iso8859-5"),
        (FRENCH, "utf-8"),
        (FRENCH, "cp1252"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "cp949"),
        (GREEK, "cp1253"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
    ],
)
def test_a_page_that_declares_nothing_is_guessed(text: str, encoding: str) -> None:
    assert charsets.decode(text.encode(encoding), "text/html")[0] == text


@pytest.mark.parametrize("header", ["text/html; charset=utf-8", "text/html", None])
def test_a_page_that_calls_itself_utf8_and_is_not_is_guessed(header: str | None) -> None:
    text = "<meta charset=utf-8>" + FRENCH
    assert charsets.decode(text.encode("cp1252"), header) == (text, "cp1252")


@pytest.mark.parametrize("named", ["iso-8859-1", "windows-1251", "koi8-r"])
def test_utf8_that_is_called_an_encoding_of_single_bytes_is_utf8(named: str) -> None:
    assert charsets.decode(RUSSIAN.encode(), f"text/html; charset={named}") == (RUSSIAN, "utf-8")
    assert charsets.decode(f"<meta charset={named}>{RUSSIAN}".encode(), None)[1] == "utf-8"


def test_a_page_that_calls_itself_utf8_and_is_needs_no_more_proof() -> None:
    header = "text/html; charset=iso-8859-1"
    assert charsets.decode("<meta charset=utf-8>\u00e4".encode(), header) == ("<meta charset=utf-8>\u00e4", "utf-8")
    assert charsets.decode("<meta charset=utf-8>\u00e4".encode("latin-1"), header)[1] == "cp1252"
    assert charsets.decode("\u00c3\u00a4".encode("latin-1"), header)[1] == "cp1252"


@pytest.mark.parametrize(
    ("text", "named"),
    [(RUSSIAN, "cp1251"), (FRENCH, "cp1252"), ("Ã© means é, but", "cp1252"), ("Ã© and Ã¼", "cp1252"), (CHINESE, "gb18030")],
)
def test_what_is_in_the_encoding_it_names_stays_in_it(text: str, named: str) -> None:
    assert charsets.decode(text.encode(named), f"text/html; charset={named}") == (text, named)


def test_a_character_that_is_cut_off_is_no_slip() -> None:
    text, name = charsets.decode("Здравствуй".encode()[:-1], "text/html")
    assert (text[:9], name) == ("Здравству", "utf-8")


def test_utf8_with_a_slip_stays_utf8() -> None:
    body = (RUSSIAN * 3).encode() + b"\xff" + (RUSSIAN * 3).encode()[:-1]
    text, name = charsets.decode(body, "text/html; charset=utf-8")
    assert charsets.decode(body, None) == (text, name)
    assert name == "utf-8" and text.startswith(RUSSIAN) and text.count("\ufffd") <= 2


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "utf-7", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "palmos"]
)
@pytest.mark.parametrize("name_2", ["zlib", "bz2", "base64", "hex", "rot13", "uu", "quopri", "../../x", "a" * 500, "", "\x00"])
def test_a_name_that_is_no_encoding_of_pages_is_ignored(name: str, name_2: str) -> None:
    for one in (name, name_2):
        body = f"<meta charset='{one}'>é".encode()
        assert charsets.decode(body, f"text/html; charset={one}") == (body.decode(), "utf-8")


@pytest.mark.parametrize(
    "piece",
    [b"<meta ", b"<!--", b"<meta charset=", b"charset=", b"\xff", b"\x1b$B", b"<?xml encoding='", b"\x00", b"\xe9\n"],
)
def test_hostile_bytes_take_no_longer_than_they_are_long(piece: bytes) -> None:
    def work(size: int) -> None:
        text, _ = charsets.decode(piece * (size // len(piece)), "text/html; " + 'charset="' * (size // 100))
        assert text

    growth.assert_linear(work, 1_000_000)


@hypothesis.given(strategies.binary(max_size=300), strategies.none() | strategies.text(max_size=60))
def test_any_bytes_have_a_text(body: bytes, header: str | None) -> None:
    text, name = charsets.decode(body, header)
    assert isinstance(text, str) and name


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Это обычная страница о погоде и о людях, которые живут у моря и любят осень. ", "windows-1251"),
        ("日本語のページです。天気の話と海の近くに住む人々の話が書いてあります。", "shift_jis"),
        ("这是一个普通的网页，说的是天气和住在海边的人们，他们喜欢秋天。", "gb18030"),
        ("이것은 날씨와 바닷가에 사는 사람들에 대한 평범한 페이지입니다. ", "euc-kr"),
    ],
)
def test_the_word_of_a_page_counts_where_its_bytes_agree_and_a_server_calls_all_pages_the_same(text: str, own: str) -> None:
    html = f"<!doctype html><meta charset={own}><p>{text * 5}"
    assert charsets.decode(html.encode(own), "text/html; charset=ISO-8859-1")[0] == html


def test_the_word_of_a_page_does_not_count_against_its_bytes() -> None:
    html = "<!doctype html><meta charset=shift_jis><p>" + "Élève à l'école, où il a été très tôt. Ça va, Noël approche. " * 5
    assert charsets.decode(html.encode("cp1252"), "text/html; charset=ISO-8859-1") == (html, "cp1252")


@pytest.mark.parametrize("slip", [b"\xe2\x80 ", b"\xe9", b"\xff"])
def test_a_page_that_calls_itself_utf8_is_so_with_a_slip_in_it(slip: bytes) -> None:
    body = "<p>Größe “a”</p>".encode() + slip
    assert charsets.decode(body, "text/html; charset=utf-8")[0].startswith("<p>Größe “a”</p>")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(RUSSIAN, "cp1251"), (JAPANESE, "shift_jis"), (CHINESE, "gb18030"), (KOREAN, "euc_kr"), (GREEK, "cp1253")],
)
def test_letters_of_another_encoding_are_no_slips_of_utf8(text: str, encoding: str) -> None:
    assert charsets.decode((text * 5).encode(encoding), "text/html; charset=utf-8")[0] == text * 5
