"""Whether an answer stands in the texts that it cites."""

import pytest

from parsing import grounding

PAGE = "Praxis Dr. Weiß, Tel.: +49 (0)731 / 12 34-567, praxis [at] weiss [dot] example. Mo, Di: 8.00–12.30 Uhr. Preis 1.200,50 €."


@pytest.mark.parametrize(
    ("quote", "is_there"),
    [
        ("Tel.: +49 (0)731 / 12 34-567", True),
        ("„praxis dr. weiß“", True),
        ("Mo, Di: 8.00-12.30 Uhr", True),
        ("Praxis Dr. Weiß … Mo, Di: 8.00", True),
        ("Praxis … 8.00", False),
        ("Mo, Di: 8.00 … Praxis Dr. Weiß", False),
        ("Mo, Mi: 8.00", False),
        ("", False),
        ("...", False),
        ('""', False),
    ],
)
def test_a_quote_stands_where_its_words_stand(quote: str, is_there: bool) -> None:
    found = grounding.place(quote, PAGE)
    assert (found is not None) == is_there
    assert found is None or PAGE[found[0] : found[1]]


@pytest.mark.parametrize(
    "answer",
    [
        "Die Nummer ist 0731 1234567.",
        "Tel. +49 731 12 34 567",
        "Geschrieben: praxis@weiss.example",
        "Montag und Dienstag 8:00-12:30",
        "Das kostet 1200,50 €",
        "Tel. +49 731 1234567 oder 0731 12 34 567",
        "It opens at 8 AM and closes at 12:30 PM on Monday.",
        "Von 08:00 bis 12.30 Uhr",
        "EUR 1200.50",
        "Dienstags von 8 bis 12.30 Uhr, bei Dr. Weiss",
    ],
)
def test_what_is_written_in_another_way_stands_there(answer: str) -> None:
    assert grounding.unfounded(answer, [PAGE]) is None


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("Die Nummer ist 0731 7654321.", "7654321"),
        ("Um 9 Uhr", "9"),
        ("Am ٩. Mai", "9"),
        ("It opens at 8 PM", "8"),
        ("It costs USD 1200.50", "USD"),
        ("Tel. +49 731 7654321", "7654321"),
        ("Until 1:00 PM", "1:00"),
        ("Schreiben Sie an arzt@weiss.example", "arzt@weiss.example"),
        ("Siehe weiss-praxis.example", "weiss-praxis.example"),
        ("Siehe http://weiss.example/login", "weiss.example"),
        ("Geöffnet am Mittwoch", "a day of the week"),
        ("Bei Dr. Schwarz", "Schwarz"),
    ],
)
def test_what_stands_nowhere_is_named(answer: str, what: str) -> None:
    assert what in (grounding.unfounded(answer, [PAGE]) or "")


def test_hostile_texts_are_held_against_each_other_in_bounded_time() -> None:
    text = "1 " * 20_000 + "a." * 20_000 + "@" * 20_000
    assert grounding.unfounded(text[:2000], [text]) is None
    assert grounding.place("a b " * 200, "a " * 50_000) is None
