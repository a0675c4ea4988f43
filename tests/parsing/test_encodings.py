"""What files are by their bytes: Unicode forms, code pages, and what is no list of keywords at all."""

import codecs
import io
import zipfile

import pytest

from parsing import code_pages, file_kinds

TEXTS = [
    ("cp1252", "Keyword;Volume\nvélo cargo;1\n"),
    ("cp1252", "keyword\nFußball Trikot\nKöln Hotel\n"),
    ("cp1252", "keyword\npêche à la ligne\nl’été – soldes\n"),
    ("cp1250", "keyword\nłódź hotel\nżółte buty\n"),
    ("cp1250", "keyword\nnejlepší hotely\npříklad ženy\n"),
    ("cp1251", "Запрос;Частота\nпластиковые окна цена;100\n"),
    ("cp932", "キーワード,検索ボリューム\n東京 ホテル,1000\n"),
    ("big5", "關鍵字,搜尋量\n台北 飯店,1000\n"),
    ("cp949", "키워드,검색량\n서울 호텔,1000\n"),
    ("mac_roman", "keyword\nvélo cargo\nFußball Trikot\n"),
    ("cp850", "keyword\nvélo\nFußball\n"),
]


@pytest.mark.parametrize(("codec", "text"), TEXTS)
def test_a_code_page_is_told_by_the_letters_it_makes(codec: str, text: str) -> None:
    page = code_pages.guess(text.encode(codec))
    assert page and text.encode(codec).decode(page.codec) == text


@pytest.mark.parametrize(
    ("codec", "language", "text"),
    [
        ("cp1250", "pl", "keyword\nbuty męskie\n"),
        ("cp1254", "tr", "keyword\nucuz uçak bileti\nışık\n"),
        ("cp1253", "el", "keyword\nξενοδοχεία αθήνα\n"),
        ("cp1255", "iw", "keyword\nמלון בתל אביב\n"),
        ("cp1251", "ru", "keyword\nя\n"),
        ("gb18030", "zh-CN", "关键词,搜索量\n北京 酒店,1000\n"),
    ],
)
def test_a_language_that_is_known_decides_between_pages_that_are_alike(codec: str, language: str, text: str) -> None:
    page = code_pages.guess(text.encode(codec), language)
    assert page and text.encode(codec).decode(page.codec) == text


@pytest.mark.parametrize("sample", [b"keyword\n\xff\n", "keyword\nξενοδοχεία\n".encode("cp1253"), b""])
def test_a_toss_up_is_no_guess(sample: bytes) -> None:
    assert code_pages.guess(sample) is None


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1254", "Anahtar kelime;Arama hacmi\nşişli otel;1000\nçiçek;5\n"),
        ("cp1250", "Keyword;Volume\nčeské knihy;1\nřízek;2\n"),
        ("cp1250", "Keyword;Volume\nkőrös étterem;1\nűrhajó;2\n"),
    ],
)
def test_letters_of_one_language_are_never_read_as_a_mixture_of_others(codec: str, text: str) -> None:
    page = code_pages.guess(text.encode(codec))
    assert page is None or text.encode(codec).decode(page.codec) == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Keyword\tVolume\r\nvélo\t1\r\n", "キーワード\t検索数\r\n東京\t1000\r\n"])
def test_utf_16_is_known_with_and_without_its_mark(codec: str, text: str) -> None:
    mark = codecs.BOM_UTF16_LE if codec.endswith("le") else codecs.BOM_UTF16_BE
    assert file_kinds.unicode_form(text.encode(codec)) == codec
    assert file_kinds.unicode_form(mark + text.encode(codec)) == "utf-16"


def test_utf_8_needs_no_mark_and_binary_is_known() -> None:
    assert file_kinds.unicode_form("vélo".encode()) is None and file_kinds.unicode_form(codecs.BOM_UTF8 + b"a") == "utf-8-sig"
    assert file_kinds.unicode_form(b"\0" * 1000) == file_kinds.unicode_form(bytes(range(256))) == "binary"
    assert file_kinds.unicode_form(b"\x01\x02\x03\x04abc") == "binary"


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (zipped("[Content_Types].xml", "xl/workbook.xml"), ".xlsx workbook"),
        (zipped("Queries.csv", "Pages.csv"), "ZIP archive: unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"  <!DOCTYPE HTML><html>", "HTML page"),
        (codecs.BOM_UTF8 + b"<table><tr>", "HTML page"),
        ("\ufeff<html>".encode("utf-16-le"), "HTML page"),
        (b'<?xml version="1.0"?><Workbook>', "XML"),
        ("keyword".encode("utf-32"), "UTF-32"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x89PNG\r\n", "PNG"),
    ],
)
def test_what_is_no_list_says_what_it_is(head: bytes, kind: str) -> None:
    assert kind in (file_kinds.refusal(head) or "")


@pytest.mark.parametrize(
    "head", [b"keyword\n", b"<b>bold keyword</b>\n", b"[exact match]\n", b"{brand} shoes\n", b"PK shoes\n", b""]
)
def test_a_list_that_begins_oddly_is_still_one(head: bytes) -> None:
    assert file_kinds.refusal(head) is None
    assert not file_kinds.is_json(head.decode())


@pytest.mark.parametrize("text", ['[{"keyword": "a"}]', '{"keyword": "a"}\n', '\ufeff {\n "rows": []}', '["a"]', "[[1]]"])
def test_json_is_known_by_its_beginning(text: str) -> None:
    assert file_kinds.is_json(text)
