"""What questions ask for, how passages are parted and searched, and what links name the telling pages of a site."""

import pytest

from parsing import bm25, passages, questions, site_pages
from tests import growth


@pytest.mark.parametrize(
    ("text", "wants", "besides"),
    [
        ("What is your email address?", "email", ()),
        ("Where are you?", "address", ()),
        ("When was it founded?", "founded", ()),
        ("Who founded the company?", "founder", ()),
        ("¿Dónde está la empresa?", "address", ()),
        ("Qual è l'indirizzo email?", "email", ()),
        ("Quels sont les horaires d'ouverture le dimanche ?", "hours", ("SUNDAY",)),
        ("Wie viel kostet ein Haarschnitt?", "price", ("haarsc",)),
        ("Is there a sauna?", "", ("sauna",)),
        ("", "", ()),
    ],
)
def test_what_is_asked(text: str, wants: str, besides: tuple[str, ...]) -> None:
    asked = questions.read(text)
    assert (asked.wants[0] if asked.wants else "", asked.besides) == (wants, besides)


def test_passages_hold_all_text_in_its_place() -> None:
    text = "One line.\nAnother one with Dr. Huber. And a sentence.\n\n" + "A long line. " * 200 + "\nLast"
    found = passages.of(text)
    assert all(text[one.position :].startswith(one.text[:20]) and len(one.text) <= passages.MOST + 1 for one in found)
    assert "".join("".join(one.text.split()) for one in found) == "".join(text.split())
    said = list(passages.sentences(found[0]))
    assert [one.text for one in said[:3]] == ["One line.", "Another one with Dr. Huber.", "And a sentence."]
    assert all(text[one.position :].startswith(one.text) for one in said)


@pytest.mark.parametrize("piece", [".", "a. ", "x", "\n", "A.\n"])
def test_a_hostile_text_is_parted_in_time_that_grows_with_it(piece: str) -> None:
    def work(size: int) -> None:
        assert len(passages.of(piece * (size // len(piece)))) <= passages.MOST_PASSAGES + 1

    growth.assert_linear(work, 200_000)


def test_bm25_prefers_rare_words_and_short_texts() -> None:
    index = bm25.Index([["we", "sell", "bread"], ["we", "sell", "cake", "and", "we", "sell", "tea"], ["we"]])
    scores = index.weigh({"we": 1.0, "bread": 1.0})
    assert scores[0] > scores[2] > scores[1] > 0 and index.weigh({"sauna": 1.0}) == [0.0, 0.0, 0.0]


def test_the_navigation_names_pages_in_its_language() -> None:
    html = """<a href="/qui">Qui sommes-nous ?</a><a href="/c">Nous contacter</a><a href=/m>Mentions légales</a>
    <a href="/blog">Blog</a>
    <a href="https://other.example/contact">Contact</a><a href="mailto:a@b.example">Contact</a><a href="/c#form">Contact</a>"""
    found = site_pages.of(html, url="https://maison.example/")
    assert [(one.kind, one.url) for one in found] == [
        ("about", "https://maison.example/qui"),
        ("contact", "https://maison.example/c"),
        ("terms", "https://maison.example/m"),
    ]
