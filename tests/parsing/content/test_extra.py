"""Another library's choice counts where it agrees with our rules by and large, and only there."""

import pytest

from parsing import content
from parsing.content import extra, lines
from tests.parsing.content import site

URL = "https://example.com/news/2026/river"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "is_installed", lambda: True)


def says(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    monkeypatch.setattr(extra, "_text", lambda html: text)


def test_a_choice_that_agrees_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, "\n".join(site.PARAGRAPHS))
    found = content.extract(site.article(), URL)
    assert found.by == "trafilatura"
    assert found.text.splitlines() == list(site.PARAGRAPHS)


@pytest.mark.parametrize("text", [None, "", site.PARAGRAPHS[0], "Other words than those of the page, by far."])
def test_a_choice_that_keeps_much_less_is_not(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    says(monkeypatch, text)
    found = content.extract(site.article(), URL)
    assert found.by == "rules" and all(words in found.text for words in site.PARAGRAPHS)


def test_a_line_that_it_leaves_out_stays_where_our_rules_are_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    linked = f"<p><a href='/more'><b>{site.PARAGRAPHS[1]}</b></a></p>"
    page = "<main><h1>Our firm</h1>" + "".join(f"<p>{text}</p>" for text in site.PARAGRAPHS).replace("</p>", "</p>" + linked, 1)
    says(monkeypatch, "\n".join((site.PARAGRAPHS[0], *site.PARAGRAPHS[2:])))
    found = content.extract(page + "</main>", "https://example.com/firm")
    assert found.by == "trafilatura" and site.PARAGRAPHS[1] in found.text


@pytest.mark.parametrize(
    ("is_article", "agreement", "score", "is_theirs", "is_kept"),
    [
        (True, 1.0, 0.9, False, False), (True, 1.0, 0.99, False, True), (True, 0.7, 0.9, False, True),
        (True, 1.0, 0.4, True, True),
        (False, 1.0, 0.9, False, True), (False, 1.0, 0.6, False, False), (False, 1.0, 0.3, True, True),
        (False, 0.7, 0.4, True, False),
    ],
)  # fmt: skip
def test_it_moves_a_doubtful_line_by_how_far_both_agree(
    is_article: bool, agreement: float, score: float, is_theirs: bool, is_kept: bool
) -> None:
    assert (extra.pulled([score], [is_theirs], agreement, is_article=is_article)[0] > 0.5) is is_kept


def test_agreement_is_the_part_of_the_words_that_both_keep() -> None:
    outline = lines.of(content.trees.parse("<p>one two three four<p>five six<p>seven eight"))
    assert extra.agreement(outline, [True, True, False], [True, False, True]) == pytest.approx(8 / 12)
    assert extra.agreement(outline, [False] * 3, [False] * 3) == 0.0


def test_a_page_beyond_the_bounds_is_read_by_our_rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "_text", lambda html: pytest.fail("it was asked"))
    assert content.extract(site.article("<p>" + "long words " * 50_000 + "</p>"), URL).by == "rules"


@pytest.mark.parametrize("html", ["", "<p>One line</p>", "<script>x</script>", "<frameset></frameset>"])
def test_a_page_of_hardly_a_line_is_read(monkeypatch: pytest.MonkeyPatch, html: str) -> None:
    says(monkeypatch, "One line and more words than it has.")
    assert content.extract(html, URL).by in ("rules", "trafilatura")


def test_a_line_that_the_page_has_twice_is_kept_where_its_neighbours_are() -> None:
    first = site.PARAGRAPHS[0]
    html = f"<div><h4>{first}</h4><p>Menu and so on</p><p>Nothing of it</p></div>" + "".join(
        f"<p>{text}</p>" for text in site.PARAGRAPHS
    )
    outline = lines.of(content.trees.parse(html))
    assert extra.kept(outline, "\n".join(site.PARAGRAPHS)) == [False, False, False, True, True, True, True]


def test_trafilatura_itself_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("lxml_html_clean")
    monkeypatch.undo()
    extra.is_installed.cache_clear()
    assert content.extract(site.article(), URL).by == "trafilatura"
