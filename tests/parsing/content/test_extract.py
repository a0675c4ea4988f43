"""The main content of a page is kept, and nothing around it."""

import pytest

from parsing import content, tree
from tests.parsing.content import site

URL = "https://example.com/news/2026/river-floods-old-town"


def rules(html: str, url: str = URL) -> content.Content:
    return content.extract(html, url, extra=False)


def test_an_article_keeps_its_paragraphs_and_its_title() -> None:
    found = rules(site.article())
    assert found.kind == "article"
    assert all(text in found.text for text in site.PARAGRAPHS)
    assert "River floods the old town" in found.text
    assert found.word_count == len(found.text.split())


@pytest.mark.parametrize(
    "words",
    ["Privacy policy", "Most read", "Other story number 3", "We use cookies", "Accept all", "never shown", "newsletter", "Sport"],
)
def test_what_stands_around_an_article_is_left_out(words: str) -> None:
    found = rules(site.article())
    assert words not in found.text and words not in found.markdown


def test_comments_of_an_article_are_left_out() -> None:
    said = "What a pity about the mill, I was there as a child with my grandfather every summer."
    comments = "".join(f'<li class="comment"><p>{said} ({n})</p><a href="#r">Reply</a></li>' for n in range(4))
    found = rules(site.article(after=f'<section id="comments" class="comments"><h2>4 comments</h2><ol>{comments}</ol></section>'))
    assert "pity" not in found.text and site.PARAGRAPHS[3] in found.text


def test_all_posts_of_a_forum_are_kept() -> None:
    posts = "".join(
        f'<div class="post" id="p{n}"><div class="author"><a href="/u{n}">user{n}</a></div><div class="post-content">'
        f"<p>Answer {n}: you have "
        f"to bleed the brake first, then tighten the screw until the lever feels firm again.</p></div></div>"
        for n in range(6)
    )
    html = site.page(
        f'<div id="content"><h1>How do I adjust the brakes?</h1><div class="thread">{posts}</div></div>', title="Forum"
    )
    found = rules(html, "https://forum.example.com/thread/12-how-do-i-adjust-the-brakes")
    assert found.kind == "forum"
    assert all(f"Answer {n}: you have" in found.text for n in range(6))


def test_a_list_of_entries_keeps_every_entry() -> None:
    cards = "".join(
        f'<article class="card"><h2><a href="/blog/{n}">Entry {n} about gardens</a></h2>'
        f"<p>Short words about what one can read in entry {n} "
        "and why one should.</p></article>"
        for n in range(8)
    )
    found = rules(site.page(f'<main><h1>Blog</h1><div class="list">{cards}</div></main>'), "https://example.com/blog/")
    assert all(f"Entry {n} about gardens" in found.text for n in range(8))


def test_hidden_text_is_left_out() -> None:
    found = rules(
        site.article('<p style="display: none">Secret words that nobody sees on this page.</p>', "<p hidden>Hidden words.</p>")
    )
    assert "Secret" not in found.text and "Hidden" not in found.text


def test_the_tree_of_the_caller_is_not_changed() -> None:
    parsed = tree.parse(site.article())
    before = parsed.html
    content.extract(parsed, URL)
    assert parsed.html == before


def test_a_tree_and_its_source_give_the_same() -> None:
    html = site.article()
    assert content.extract(tree.parse(html), URL) == content.extract(html, URL)


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n",
        "\0\0",
        "\ud800\udfff",
        "<frameset><frame src=a></frameset>",
        "<script>let a = 1</script>" * 50,
        "<style>p{}</style>",
        "<p>",
    ],
)
def test_a_page_without_words_gives_an_empty_text(html: str) -> None:
    found = content.extract(html, URL)
    assert (found.text, found.markdown, found.word_count) == ("", "", 0) or found.text.strip("\0\ufffd?") == ""


def test_a_page_that_is_all_navigation_keeps_something() -> None:
    html = "<body><nav>" + "".join(f'<p><a href="/{n}">Chapter {n} of the long book</a></p>' for n in range(20)) + "</nav></body>"
    assert "Chapter 7" in rules(html).text


def test_a_short_page_of_prose_is_kept_whole() -> None:
    html = f"<html><body><h1>Note</h1><p>{site.PARAGRAPHS[0]}</p><p>{site.PARAGRAPHS[1]}</p></body></html>"
    assert all(text in rules(html).text for text in site.PARAGRAPHS[:2])


def test_everything_that_a_reader_sees_can_be_had_as_markdown() -> None:
    found = content.whole(site.article(), URL)
    assert "Most read" in found and site.PARAGRAPHS[0] in found and "never shown" not in found


@pytest.mark.parametrize("tag", ["h3", "summary", "dt"])
def test_a_button_that_folds_out_an_answer_is_its_heading(tag: str) -> None:
    pair = f'<{tag}><button aria-expanded="false">How long does the oil last?</button></{tag}>'
    found = content.whole(f"<body><{'dl' if tag == 'dt' else 'div'}>{pair}</body>", URL)
    assert "How long does the oil last?" in found


def test_other_buttons_are_no_text() -> None:
    assert "Share" not in content.whole("<body><p>Words<button>Share</button></p></body>", URL)


def test_scripts_in_the_body_bring_no_navigation_back() -> None:
    links = "".join(f'<p><a href="/{n}">Section {n} of the paper</a></p>' for n in range(30))
    body = "".join(f"<p>{text}</p>" for text in site.PARAGRAPHS)
    script = "<script>" + "let a = 1 ; " * 5_000 + "</script>"
    assert "Section 7" not in rules(f"<body><nav>{links}</nav><main><h1>News</h1>{body}</main>{script}</body>").text


def test_paragraphs_that_only_breaks_divide_stay_together() -> None:
    """The last one stands beside the footer, where a line alone would be in doubt."""
    texts = [
        f"The {wood} table was built by hand in the old workshop, and it stands in the hall."
        for wood in ("oak", "elm", "fir", "ash")
    ]
    page = f'<header><a href="/">Home</a></header><div class="post">{"<br><br>".join(texts)}</div><footer>© 2026 Firm</footer>'

    assert content.extract(page, URL, extra=False).text.splitlines() == texts


def test_what_a_declared_shadow_root_shows_is_text() -> None:
    shown = "".join(f"<p>{text}</p>" for text in site.PARAGRAPHS)
    page = f'<x-page><template shadowrootmode="open"><main>{shown}</main><slot></slot></template></x-page>'

    assert content.extract(page, URL, extra=False).text.splitlines() == list(site.PARAGRAPHS)
    assert content.extract(page.replace(' shadowrootmode="open"', ""), URL, extra=False).text == ""
