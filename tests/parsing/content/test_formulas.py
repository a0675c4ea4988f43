"""Formulas, exponents and how words are read stay what they are in text and markdown."""

import pytest

from parsing import content, node_text, raised, selectors, tree

TEXT = "<p>The quick brown fox jumps over the lazy dog while nobody looks at all, and the day goes on as it did before.</p>" * 3
TEX = "<annotation encoding='application/x-tex'>a_b &lt; c^*</annotation>"


def read(html: str, head: str = "") -> content.Content:
    page = f"<html><head>{head}</head><body><main><h1>A title</h1>{TEXT}{html}{TEXT}</main></body></html>"
    return content.extract(page, "https://example.com/d/p", extra=False)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("100<sup>2</sup>=10000", "100²=10000"),
        ("10<sup>-6</sup> m of H<sub>2</sub>O", "10⁻⁶ m of H₂O"),
        ("written 2011<sub>15ya</sub> once", "written 2011_(15ya) once"),
        ("e<sup>x</sup> and x<sup>a+b</sup>", "e^x and x^(a+b)"),
        ("in 2011<sup><a href='#f1'>1</a></sup> already", "in 2011¹ already"),
        ("the 1<sup>st</sup>, M<sup>me</sup> and Acme<sup>TM</sup>", "the 1st, Mme and AcmeTM"),
        ("V<sub>max</sub> and word<sup>[1]</sup>", "Vmax and word[1]"),
    ],
)
def test_what_is_raised_or_lowered_is_no_part_of_a_number(written: str, shown: str) -> None:
    assert shown in read(f"<p>We read that {written} here.</p>").text


def test_a_selected_price_keeps_its_cents_apart() -> None:
    found = selectors.take(tree.parse("<b class=p>$19<sup>99</sup></b>"), {"price": ".p"})
    assert found == {"price": "$19⁹⁹"}


def test_long_raised_texts_are_texts() -> None:
    assert raised.marked("New in this year, and so on", "sup", "word") == "New in this year, and so on"
    assert node_text.of(tree.parse("<p>soft&shy;hyphen zero&#8203;width</p>").css_first("p")) == "softhyphen zerowidth"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"<math><semantics><mi>a</mi>{TEX}</semantics></math>", "$a_b < c^*$"),
        (f"<math display=block><semantics><mi>a</mi>{TEX}</semantics></math>", "$$a_b < c^*$$"),
        ("<math alttext='{\\displaystyle E=mc^{2}}'><mi>E</mi></math>", "$E=mc^{2}$"),
        ("<math><mn>1.2</mn><mo>×</mo><msup><mn>10</mn><mn>4</mn></msup></math>", "$1.2 × 10^4$"),
        ("<math><mfrac><mn>1</mn><mi>x</mi></mfrac><msqrt><mi>y</mi></msqrt></math>", "$\\frac{1}{x} \\sqrt{y}$"),
        ("<i style='display:none'><math alttext='x'></math></i><img class='mwe-math-fallback-image-inline' alt='x_1'>", "$x_1$"),
        ("<script type='math/tex'>x_1^2</script>", "$x_1^2$"),
        ("<span class=MathJax>x1</span><script type='math/tex'>x_1</script>", "$x_1$"),
        (
            f"<span class=katex><span class=katex-mathml><math><semantics><mi>a</mi>{TEX}</semantics></math></span>"
            "<span class=katex-html aria-hidden=true>ab&lt;c*</span></span>",
            "$a_b < c^*$",
        ),
    ],
)
def test_a_formula_is_shown_once_as_tex(written: str, shown: str) -> None:
    found = read(f"<p>Here {written} stands.</p>")
    assert f"Here {shown} stands." in found.markdown and f"Here {shown} stands." in found.text


def test_a_formula_in_a_table_is_no_empty_cell() -> None:
    cell = "<td><math alttext='1.33\\times 10^{-4}'><mn>1.33</mn></math></td>"
    found = read(f"<table><tr><th>Name</th><th>Error</th></tr><tr><td>One</td>{cell}</tr><tr><td>Two</td>{cell}</tr></table>")
    assert "| One | $1.33\\times 10^{-4}$ |" in found.markdown


def test_tex_in_text_is_tex_where_a_script_draws_it_and_text_elsewhere() -> None:
    written = "<p>We write \\(a_1 &lt; a_2\\) and $$\\sum_i x_i$$ here.</p>"
    drawn = read(written, "<script src='/mathjax/tex-chtml.js'></script>").markdown
    assert "We write $a_1 < a_2$ and $$\\sum_i x_i$$ here." in drawn
    assert "\\\\(a\\_1" in read(written).markdown


@pytest.mark.parametrize("forged", ["[x](javascript:a)", "<img src=x onerror=a>", "a`b`", "![x](y)"])
def test_a_formula_forges_no_markdown(forged: str) -> None:
    shown = read(f"<p>Here <script type='math/tex'>{forged}</script> stands.</p>").markdown
    assert f"${forged}" not in shown and f" {forged}" not in shown


def test_how_a_word_is_read_stands_beside_it() -> None:
    shown = read("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby><ruby>明日<rt>Ashita</rt></ruby> it is.</p>").text
    assert "漢(kan)明日(Ashita) it is." in shown
