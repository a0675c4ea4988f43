"""Another library's choice is taken where it agrees with our rules, and only there."""

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
