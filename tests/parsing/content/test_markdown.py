"""Markdown shows the structure of a page, and nothing of a page's text can forge it."""

import importlib.util
import re

import pytest

from parsing import content
from parsing.content import markdown
from tests.parsing.content import site

URL = "https://example.com/a/page"
TABLE = (
    "<table><tr><th>Day</th><th>Level</th></tr>"
    "<tr><td>Monday</td><td>2.1 m</td></tr><tr><td>Tuesday</td><td>3.4 m</td></tr></table>"
)


@pytest.fixture(params=["turbohtml", "plain"], autouse=True)
def writer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every promise holds for both writers."""
    if request.param == "plain":
        monkeypatch.setattr(markdown, "has_turbohtml", lambda: False)
    elif importlib.util.find_spec("turbohtml") is None:
        pytest.skip("turbohtml is not installed")


def of(*inside: str) -> str:
    return content.extract(site.article(*inside), URL, extra=False).markdown


def test_headings_lists_quotes_and_code_are_marked() -> None:
    found = of(
        "<h2>What happened before</h2><ul><li>The rain began on Monday evening</li><li>The dam was not finished</li></ul>",
        "<blockquote><p>We did what we could, said the mayor of the town.</p></blockquote>",
        "<pre><code>level = 3.4\n  print(level)</code></pre>",
    )
    assert "## What happened before" in found
    assert re.search(r"^[-*] The rain began on Monday evening$", found, re.MULTILINE)
    assert "> We did what we could" in found
    assert "```\nlevel = 3.4\n  print(level)\n```" in found


def test_ordered_and_nested_lists_keep_their_order() -> None:
    found = of(
        "<ol><li>Close the doors of the house<ul><li>The cellar door first of all</li></ul></li>"
        "<li>Carry things upstairs</li></ol>"
    )
    assert re.search(
        r"^1\. Close the doors of the house\n+ +[-*] The cellar door first of all\n+2\. Carry things", found, re.MULTILINE
    )


def test_a_table_keeps_its_rows() -> None:
    found = of(TABLE)
    assert re.search(r"\| Day \| Level \|\n\|[ -|]+\|\n\| Monday \| 2.1 m \|\n\| Tuesday \| 3.4 m \|", found)


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("<td>Friday</td><td></td><td>5 m</td>", "| Friday |  | 5 m |"),
        ("<td></td><td>dry</td><td>5 m</td>", "|  | dry | 5 m |"),
        ("<td colspan=2>Weekend</td><td>6 m</td>", "| Weekend |  | 6 m |"),
        ("<td>Sunday</td><td><div>wet</div><div>cold</div></td><td>7 m</td>", "| Sunday | wet<br>cold | 7 m |"),
        ("<td>Sunday</td><td><ul><li>wet</li><li>cold</li></ul></td><td>7 m</td>", "| Sunday | wet<br>cold | 7 m |"),
        ("<td>Sunday<br>night</td><td><p>wet</p></td><td>7 m</td>", "| Sunday<br>night | wet | 7 m |"),
    ],
)
def test_every_cell_stays_in_its_column(row: str, shown: str) -> None:
    table = f"<table><tr><th>Day</th><th>Sky</th><th>Level</th></tr><tr>{row}</tr></table>"
    found = content.whole(f"<body><p>Before the table.</p>{table}</body>", URL)
    assert re.sub(r" +", " ", shown) in re.sub(r" +", " ", found)


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ("<td rowspan=2>Monday</td><td>dry</td><td>5 m</td></tr><tr><td>wet</td><td>6 m</td>", "|  | wet | 6 m |"),
        ("<td>Monday</td><td rowspan=3>dry</td><td>5 m</td></tr><tr><td>Friday</td><td>6 m</td>", "| Friday |  | 6 m |"),
        ("<td rowspan=2 colspan=2>x</td><td>1</td></tr><tr><td>2</td>", "|  |  | 2 |"),
        ("<td rowspan=0>x</td><td>dry</td><td>1</td></tr><tr><td>wet</td><td>2</td>", "|  | wet | 2 |"),
        ("<td rowspan=2>x</td><td>dry</td><td>1</td></tr><tr><td></td><td>2</td>", "|  |  | 2 |"),
        (
            "<td rowspan=2>x</td><td>dry</td><td>1</td></tr><tr><td>w</td><td>2</td></tr><tr><td>a</td><td>b</td><td>c</td>",
            "| a | b | c |",
        ),
    ],
)
def test_a_cell_of_several_rows_moves_no_cell_below_it(rows: str, shown: str) -> None:
    table = f"<table><tr><th>Day</th><th>Sky</th><th>Level</th></tr><tr>{rows}</tr></table>"
    found = content.whole(f"<body><p>Before the table.</p>{table}</body>", URL)
    assert re.sub(r" +", " ", shown) in re.sub(r" +", " ", found)


def test_the_rows_of_one_part_of_a_table_cover_none_of_the_next() -> None:
    head = "<thead><tr><th rowspan=9>Day</th><th>Sky</th></tr></thead>"
    table = f"<table>{head}<tbody><tr><td>Monday</td><td>dry</td></tr></tbody></table>"
    assert "| Monday | dry |" in content.whole(f"<body><p>Before the table.</p>{table}</body>", URL)


@pytest.mark.parametrize(
    "picture",
    [
        '<figure><img src="p.png" alt="A photo"><figcaption>The mayor in his office before the talk.</figcaption></figure>',
        '<div><div><img src="p.png" alt="A photo"></div></div>',
    ],
)
def test_a_picture_stays_with_the_text_around_it(picture: str) -> None:
    text = "".join(f"<p>{one}</p>" for one in site.PARAGRAPHS)
    found = content.extract(f"<body><article><h1>News</h1>{text}{picture}{text}</article></body>", URL, extra=False)
    assert "![A photo](" in found.markdown and "A photo" not in found.text


@pytest.mark.parametrize(
    "item", ["<span>Right to know of it</span>", "<p>Right to know of it</p>", "<div><a href=/x>Right to know of it</a></div>"]
)
def test_an_item_stays_an_item_whatever_is_around_its_words(item: str) -> None:
    found = content.whole(f"<body><p>Some words.</p><ul><li>{item}</li><li>Another one</li></ul></body>", URL)
    assert re.search(r"^[-*] \[?Right to know of it", found, re.MULTILINE)


def test_a_table_that_lays_out_the_page_is_none() -> None:
    body = "".join(f"<p>{text}</p>" for text in site.PARAGRAPHS)
    found = content.extract(f"<body><table><tr><td>{body}</td></tr></table></body>", URL, extra=False).markdown
    assert "|" not in found and site.PARAGRAPHS[0] in found


def test_links_and_images_are_absolute() -> None:
    found = of(
        '<p>The mayor spoke about it in <a href="../b?c=1#d">a long interview</a> '
        '<img src="i/p.png" alt="A photo"> yesterday.</p>'
    )
    assert "[a long interview](" in found and "https://example.com/b?c=1#d" in found
    assert "![A photo](" in found and "https://example.com/a/i/p.png" in found


def test_a_base_address_counts() -> None:
    html = site.article('<p>There is more to read in <a href="x">another text</a> of the same author.</p>')
    found = content.extract(html.replace("<head>", '<head><base href="https://other.example/d/">'), URL, extra=False).markdown
    assert "https://other.example/d/x" in found


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVa\nScript:alert(1)",
        " data:text/html,x",
        "vbscript:x",
        "&#106;avascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_no_link_leads_to_a_script(address: str) -> None:
    found = of(
        f'<p>Read <a href="{address}">the whole story of the flood</a> and <img src="{address}" alt="a picture of it"> here.</p>'
    )
    assert "the whole story of the flood" in found
    assert not re.search(r"\]\(<?\s*(?:java|data|vb|file)", found, re.IGNORECASE)


FORGED = (
    "# No heading at all", "- no list", "* no list", "+ no list", "1. no list", "2) no list", "> no quote", "``` no code",
    "--- no rule",
    "| no | table |", "[no link](https://evil.example)", "![no image](https://evil.example/i.png)", "**no emphasis**",
    "_no emphasis_",
    "<script>alert(1)</script>", "<b>no tag</b>", "[ref]: https://evil.example", "~~no strike~~", "`no code`", "<https://evil.example>",
)  # fmt: skip


@pytest.mark.parametrize("text", FORGED)
@pytest.mark.parametrize(
    "place", ["<p>{}</p>", "<p>first words of it<br>{}</p>", "<ul><li>{}</li></ul>", "<blockquote>{}</blockquote>"]
)
def test_text_of_a_page_forges_no_markdown(text: str, place: str) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    html = content.render.html_of(content.lines.of(content.trees.parse(place.format(escaped))).lines, URL)
    shown = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown.of(html))
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", shown)).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert text in plain
    assert not re.search(r"<(?:h\d|a |img|script|em|strong|code|table|hr|s>)", shown)


def test_a_fence_in_code_does_not_end_the_code() -> None:
    markdown_it = pytest.importorskip("markdown_it")
    found = markdown.of("<pre>```\n# inside\n````\nx</pre><p>after</p>")
    shown = markdown_it.MarkdownIt("commonmark").render(found)
    assert shown.count("<pre>") == 1 and "<h1>" not in shown and "<p>after</p>" in shown


def test_a_bar_in_a_cell_makes_no_cell() -> None:
    markdown_it = pytest.importorskip("markdown_it")
    found = markdown.of("<table><tr><td>a | b</td><td>c</td></tr><tr><td>`|`</td><td>d\\|e</td></tr></table>")
    shown = markdown_it.MarkdownIt("commonmark").enable("table").render(found)
    assert shown.count("<th>") + shown.count("<td>") == 4


@pytest.mark.parametrize(
    "image",
    [
        '<img src="data:image/gif;base64,R0" data-src="/mill.jpg" alt="The mill">',
        '<img data-srcset="/small.jpg 1x, /mill.jpg 2x" alt="The mill">',
        '<img src="/img/placeholder.gif" data-lazy-src="/mill.jpg" alt="The mill">',
    ],
)
def test_an_image_that_scripts_load_late_is_shown(image: str) -> None:
    found = of(f"<p>Here it stood until the flood took it away, a picture from last year: {image}</p>")
    assert re.search(r"!\[The mill\]\(<?https://example.com/mill.jpg>?\)", found)


def test_a_list_begins_with_its_own_number() -> None:
    found = of('<ol start="5"><li>The rain began on Monday</li><li>The dam was not finished</li></ol>')
    assert "5. The rain began on Monday" in found and "6. The dam was not finished" in found


@pytest.mark.parametrize("start", ["x", "-3", "\u0665", '1" onclick="x', "9" * 30])
def test_a_list_with_a_strange_number_begins_with_one(start: str) -> None:
    found = of(f"<ol start='{start}'><li>The rain began on Monday</li></ol>")
    assert "1. The rain began on Monday" in found


@pytest.mark.parametrize("sign", ["#", "¶", "§"])
def test_the_link_of_a_heading_to_itself_is_left_out(sign: str) -> None:
    found = of(f'<h2>The dam<a class="headerlink" href="#dam">{sign}</a></h2><p>{site.PARAGRAPHS[1]}</p>')
    assert re.search(r"^## The dam$", found, re.MULTILINE)


def test_a_link_with_one_sign_to_another_page_stays() -> None:
    found = whole('<p>Names that begin with <a href="/names/">#</a> or <a href="#b">B</a></p>')
    assert "/names/" in found and "#b" in found


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("HTTPS://Example.com:443/a b", "https://example.com/a%20b"),
        (" /x\n/y ", "https://example.com/x/y"),
        ("//other.example/x", "https://other.example/x"),
        ("mailto:a@example.com", "mailto:a@example.com"),
        ("?q=1", "https://example.com/a/page?q=1"),
    ],
)
def test_addresses_are_read_as_browsers_do(written: str, shown: str) -> None:
    assert f"({shown})" in whole(f'<p>See <a href="{written}">the plan</a></p>').replace("<", "").replace(">", "")


def whole(inside: str) -> str:
    return content.whole(f"<body>{inside}</body>", URL)


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("<p>a<b> bold</b> b</p>", "a **bold** b"),
        ("<p>a <b>bold </b>b</p>", "a **bold** b"),
        ("<p>a\n\t<b>\nbold</b>, b</p>", "a **bold**, b"),
    ],
)
def test_blanks_around_emphasis_stay(inside: str, shown: str) -> None:
    assert re.sub(" +", " ", whole(inside).replace("** bold", " **bold").replace("bold **", "bold** ")) == shown


def test_cells_with_several_paragraphs_stay_in_one_line_of_text() -> None:
    outline = content.lines.of(
        content.trees.parse("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr><tr><td>d</td></tr></table>")
    )
    assert content.render.text_of(outline.lines) == "a\tb\tc\nd"


def test_navigation_is_put_aside_with_and_without_attributes() -> None:
    outline = content.lines.of(content.trees.parse(f"<nav>Go</nav><nav class=x>Go</nav><p>{site.PARAGRAPHS[0]}</p>"))
    assert (len(outline.aside), len(outline.lines)) == (2, 1)


@pytest.mark.parametrize(
    "block",
    [
        '<pre class="language-python"><code>{}</code></pre>',
        '<pre><code class="hljs lang-Python">{}</code></pre>',
        '<div class="highlight highlight-source-python"><pre>{}</pre></div>',
        '<pre class="brush: python; gutter: false">{}</pre>',
    ],
)
def test_a_code_block_keeps_its_language(block: str) -> None:
    assert "```python\nlevel = 3.4\n```" in whole(block.format("level = 3.4"))


@pytest.mark.parametrize("name", ["language-", "language-x`y", "my-language-x", "lang-" + "x" * 40, "highlight", ""])
def test_a_code_block_without_a_language_has_none(name: str) -> None:
    assert whole(f'<pre class="{name}">a = 1</pre>') == "```\na = 1\n```"


def test_a_link_without_words_is_left_out() -> None:
    found = whole('<p>The mill <a href="/x"><img src="/s.jpg" alt=""></a> stood <a name="y"></a>here</p>')
    assert re.sub(" +", " ", found) == "The mill stood here"


def test_the_html_of_a_code_block_is_well_formed() -> None:
    outline = content.lines.of(content.trees.parse('<pre class="language-c">a</pre><p>b</p><pre>c</pre>'))
    written = '<pre><code class="language-c">a</code></pre><p>b</p><pre>c</pre>'
    assert content.render.html_of(outline.lines, URL) == written
