"""What a page says of itself: its query, a correction, its end, its charset, and whom its overview cites."""

import pytest

import models
from parsing import serp
from tests.parsing import samples
from tests.parsing.pages import card, page, result
from tests.parsing.samples import SAMPLES, sample

ROW = result("https://a.test/")
FIXED = (
    '<p id="fprs"><span>Lorem</span> <a id="fprsl" href="/search?q=oak"><b><i>oak</i></b></a><br>'
    'Ipsum <a href="/search?q=oka&amp;nfpr=1">oka</a></p>'
)
OFFERED = '<p class="card-section">Lorem <a class="spell" href="/search?q=oak&amp;spell=1"><b><i>oak</i></b></a></p>'
HIDDEN = '<div id="msg_box" style="display:none"><p class="card-section"><a class="gL9Hy" id="srfl"></a></p></div>'


@pytest.mark.parametrize("query", ["jay-z", "c++ & c#", '"a b" OR c', "日本茶 通販", "<b>x</b>", "oak - table"])
def test_the_search_box_says_which_query_is_answered(query: str) -> None:
    inputs = page(ROW, query=query).replace("<textarea", "<input").replace("</textarea>", "")

    assert serp.parse(page(ROW, query=query, title="another")).query == query
    assert serp.parse(page(query=query, bottom=card("Lorem {}.", query))).query == query
    assert serp.parse(inputs.replace('name="q">', 'name="q" value="oak">')).query == "oak"


@pytest.mark.parametrize(
    "title",
    [
        "oak - table - Google Search", "oak - table - Google-Suche", "oak - table - Recherche Google", "oak - table – Google Søk",
        "oak - table - Поиск в Google", "oak - table - Google 検索", "oak - table - Buscar con Google", "oak - table — Google",
    ],
)  # fmt: skip
def test_without_a_box_the_title_says_it_in_any_language(title: str) -> None:
    assert serp.parse(page(ROW, title=title, box=False)).query == "oak - table"


@pytest.mark.parametrize(
    "title", ["oak - table", "Google", " - Google", "oak - a name of forty characters and more beside Google", ""]
)
def test_a_title_that_does_not_end_with_googles_name_says_nothing(title: str) -> None:
    assert serp.parse(page(ROW, title=title, box=False)).query is None


def test_without_box_and_title_the_canonical_address_says_it() -> None:
    link = '<link rel="canonical" href="https://www.google.com/search?q=oak+table&amp;hl=en"></head>'

    assert serp.parse(page(ROW, title="", box=False).replace("</head>", link)).query == "oak table"
    assert serp.parse(page(ROW, title="Google", box=False)).query is None


def test_an_empty_box_says_nothing() -> None:
    assert serp.parse(page(ROW, query="").replace("<title>", "<title>oak")).query == "oak"


@pytest.mark.parametrize(
    "notice", [FIXED, FIXED.replace('id="fprs"', 'class="sp_cnt"'), f"<div>{FIXED}</div>".replace("fprs", "x")]
)
def test_results_of_another_spelling_are_marked(notice: str) -> None:
    assert serp.parse(page(ROW, query="oka", taw=notice)).is_corrected
    assert serp.parse(page(query="oka", taw=notice)).is_corrected


@pytest.mark.parametrize("notice", ["", OFFERED, HIDDEN])
def test_an_offered_spelling_changes_nothing(notice: str) -> None:
    assert not serp.parse(page(ROW, query="oka", taw=notice)).is_corrected


def test_results_that_belong_to_another_query_than_the_box_are_marked() -> None:
    html = page(ROW, query="Oka table")

    assert serp.parse(html.replace('id="rso"', 'id="rso" data-async-context="query:oak%20table"')).is_corrected
    assert not serp.parse(html.replace('id="rso"', 'id="rso" data-async-context="query:oka%20table"')).is_corrected
    assert not serp.parse(html.replace('id="rso"', 'id="rso" data-async-context=""')).is_corrected


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.html")), ids=lambda path: path.stem)
def test_a_whole_page_is_never_cut_off(path: object) -> None:
    html = sample(path.stem)  # type: ignore[attr-defined]

    assert path.stem == "cut_short" or not serp.parse(html).is_cut_off  # type: ignore[attr-defined]


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.99])
def test_a_page_that_began_and_did_not_end_is_cut_off(share: float) -> None:
    html = page(*(result(f"https://a{number}.test/") for number in range(10)))

    assert serp.parse(html[: int(len(html) * share)]).is_cut_off
    assert serp.parse(html[: int(len(html) * share)].upper().lower()).is_cut_off
    assert not serp.parse(html + "\n<!-- x -->").is_cut_off
    assert not serp.parse(html.replace("</body></html>", "</BODY ></HTML >")).is_cut_off


def test_the_words_of_an_end_tag_in_a_script_are_no_end() -> None:
    html = page(ROW).replace("<head>", "<head><script>var a='</html>'</script>" + "<!-- -->" * 4_000)

    assert not serp.parse(html).is_cut_off
    assert serp.parse(html.removesuffix("</body></html>")).is_cut_off


def test_no_recorded_page_is_taken_for_cut_off_or_for_another_query() -> None:
    samples.need_corpus()
    for row in samples.rows("truth.jsonl"):
        read = serp.parse(samples.page(row["file"]))
        assert not read.is_cut_off, row["file"]
        assert read.query is not None, row["file"]
        assert not row.get("query") or read.query.startswith(row["query"][:70]), row["file"]


OVERVIEW = """<div data-mcpr=""><h1>Lorem</h1><a href="https://www.google.com/search?q=more">more</a>
<ul><li><a href="https://one.test/a#:~:text=oak"></a></li><li><a href="/url?q=https://two.test/&amp;sa=U"></a></li></ul>
<div data-mcpr=""><a href="https://one.test/a">again</a><a href="https://www-three-test.translate.goog/?_x_tr_sl=de"></a></div>
<a href="https://support.google.com/websearch?p=ai_overviews">Learn more</a><a href="/goto?url=CAES">hidden</a></div>"""


def test_the_overviews_sources_are_told_in_order_each_once() -> None:
    read = serp.parse(page(OVERVIEW, ROW))

    assert read.cited == ("https://one.test/a", "https://two.test/", "https://www.three.test/")
    assert [one.url for one in read.organic] == ["https://a.test/"]
    assert serp.parse(page(ROW)).cited == ()


@pytest.mark.parametrize(
    ("named", "meta", "title"),
    [
        ("ISO-8859-1", "", "Chêne"),
        ("windows-1251", "", "Дуб"),
        ("iso-8859-1", '<meta charset="utf-8">', "Chêne"),
        (None, '<meta charset="iso-8859-1">', "Chêne"),
        ("no-such-charset", '<meta charset="iso-8859-1">', "Chêne"),
        ("zlib", "", "Oak"),
    ],
)
def test_the_charset_of_the_header_goes_before_the_pages_own(named: str | None, meta: str, title: str) -> None:
    encoding = "cp1251" if title == "Дуб" else "latin-1"
    body = page(result("https://a.test/", title)).replace("<head>", f"<head>{meta}").encode(encoding)

    assert serp.parse(body, charset=named).organic[0].title == title


def test_utf8_with_a_mark_is_utf8_whatever_the_header_says() -> None:
    body = b"\xef\xbb\xbf" + page(result("https://a.test/", "Chêne")).encode()

    assert serp.parse(body, charset="iso-8859-1").organic[0].title == "Chêne"


def test_what_a_proxy_wrote_anew_as_utf8_is_utf8_whatever_header_and_page_say() -> None:
    body = page(result("https://a.test/", "Chêne")).replace("<head>", '<head><meta charset="iso-8859-1">').encode()

    assert serp.parse(body, charset="iso-8859-1").organic[0].title == "Chêne"


def test_a_page_that_is_no_result_page_says_nothing_of_itself() -> None:
    assert serp.parse("<html><title>oak - Google</title><input name=q value=oak>") == models.SerpPage(
        models.PageClass.PARSE_FAILURE
    )


def test_broken_bytes_of_a_page_that_names_itself_utf8_are_read_around() -> None:
    whole = page(result("https://a.test/", "Caf\u00e9"), result("https://b.test/", "Oak"), query="caf\u00e9").encode()
    broken = whole.replace("Caf\u00e9".encode(), b"Caf\xe9").replace(b'<div id="taw">', b'\xff<div id="taw">\xe4')

    read = serp.parse(broken)

    assert [each.title for each in read.organic] == ["Caf\ufffd", "Oak"]
    assert read == serp.parse(broken.decode("utf-8", "replace"))
