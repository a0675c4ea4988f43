"""What a reader folds out is text; what is hidden for good is none. Code between paragraphs is kept."""

import pytest

from parsing import content

TEXT = "<p>The quick brown fox jumps over the lazy dog while nobody looks at all, and the day goes on as it did before.</p>" * 3
ANSWER = "<p>You can cancel at any time in the settings of your account.</p>"


def read(html: str) -> str:
    page = f"<html><body><main><h1>A title</h1>{TEXT}{html}{TEXT}</main></body></html>"
    return content.extract(page, "https://example.com/d/p", extra=False).markdown


@pytest.mark.parametrize(
    "written",
    [
        f"<button aria-expanded=false aria-controls=p1>How do I cancel?</button><div id=p1 hidden>{ANSWER}</div>",
        f"<button aria-expanded=false aria-controls=p1>How do I cancel?</button><div id=p1 style='display: none'>{ANSWER}</div>",
        f"<button data-bs-toggle=x data-bs-target='#p1'>How do I cancel?</button><div id=p1 hidden=until-found>{ANSWER}</div>",
        f"<h3 role=tab aria-controls=p1>How do I cancel?</h3><div id=p1 role=tabpanel hidden>{ANSWER}</div>",
    ],
)
def test_an_answer_that_is_folded_in_is_read_with_its_question(written: str) -> None:
    shown = read(written)
    assert "How do I cancel?" in shown and "You can cancel at any time" in shown


@pytest.mark.parametrize(
    "written",
    [
        f"<div hidden>{ANSWER}</div>",
        f"<div id=p1 style='display:none'>{ANSWER}</div>",
        f"<nav><button aria-expanded=false aria-controls=p1>Menu</button></nav><div id=p1 hidden>{ANSWER}</div>",
        f"<button aria-expanded=false aria-controls=p1>Filter</button><div id=p1 hidden>{ANSWER}<input name=q></div>",
        f"<button aria-controls=p1 aria-expanded=false>More</button><div id=p1 hidden><a href=/a>{ANSWER}</a></div>",
    ],
)
def test_what_is_hidden_for_good_or_a_menu_or_a_form_is_no_text(written: str) -> None:
    assert "You can cancel" not in read(written)


@pytest.mark.parametrize("code", ["<pre>npm install foo</pre>", "<pre><code>ls</code></pre>", "<pre>a\n <a href=/x>b</a></pre>"])
def test_a_short_block_of_code_between_paragraphs_is_kept(code: str) -> None:
    assert "```\n" in read(code)


def test_numbers_of_rows_beside_code_are_none() -> None:
    gutter = "<table><tr><td class=gutter><pre>1\n2</pre></td><td class=code><pre>def f():\n    return 1</pre></td></tr></table>"
    assert "```\ndef f():\n    return 1\n```" in read(gutter) and "1\n2" not in read(gutter)


def test_an_empty_row_of_code_stays() -> None:
    rows = "<pre><code><div>a = 1</div><div></div><div>  b = 2</div></code></pre>"
    assert "a = 1\n\n  b = 2" in read(rows)


def test_who_said_it_stays_below_a_quote_and_an_item_keeps_its_number() -> None:
    quote = "<blockquote><p>To be or not to be, that is it.</p><footer>— <cite>Shakespeare</cite></footer></blockquote>"
    assert "> — Shakespeare" in read(quote)
    assert "7. seven" in read("<ol start=3><li>three</li><li value=7>seven</li></ol>")
