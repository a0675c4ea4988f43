"""Shapes of messages: one for what is the same, another for what is not, in a time that grows with the length alone."""

import time

import pytest

from parsing import message_shapes


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("timed out after 30 s", "timed out after 7 s"),
        ("did not end within 180s", "did not end within 60s"),
        ("https://a.com/x?y=1 answered 503", "http://b.org/ answered 500"),
        ("No keyword 'blue shoes'", 'No keyword "red"'),
        ("job 4f2a99c01b0d4c1ea is gone", "job 77aa00bb11cc22dd3 is gone"),
        ("at 2026-03-01T12:00:01", "at 2026-11-29T01:59:59"),
        ("to 10.0.0.1:6379", "to 192.168.17.254:80"),
        ("ids 1, 2, 3 are unknown", "ids 17 are unknown"),
        ("it broke\n\n  twice", "it broke twice"),
        ("page «a» is empty", "page «b c» is empty"),
        ("the file data/4711/x.html", "the file data/12/x.html"),
        ("49 % of 200 MB", "7 % of 1 MB"),
    ],
)
def test_what_differs_in_numbers_ids_addresses_and_quotes_is_the_same(one: str, other: str) -> None:
    assert message_shapes.of(one) == message_shapes.of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the page is empty", "the page is full"),
        ("No price", "No title"),
        ("it don't work, it isn't there", "it don't work, it wasn't there"),
        ("Connection refused: https://a.com/", "Connection reset: https://a.com/"),
        ("КОД неверен", "код истёк"),
        ("", "x"),
    ],
)
def test_what_differs_in_words_is_not(one: str, other: str) -> None:
    assert message_shapes.of(one) != message_shapes.of(other)


@pytest.mark.parametrize(
    "text",
    [
        *("a", "'", '"', "'a", "1.", "a-", "ab:/", "a://", "<n> ", "“", "«", "`a ", "7 ", "7,", "<n>,", "\\", " ", "\n", "\x00"),
        *("a'", "é", "\u202e", "\U0001f600", "http://", "0x", "%00"),
    ],
)
def test_a_hostile_text_costs_what_its_length_costs(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_shapes, "READ", 1 << 30)
    long = text * (40_000 // len(text))
    times = []
    for told in (long, long * 4):
        began = time.process_time()
        shape = message_shapes.of(told)
        times.append(time.process_time() - began)
        assert len(shape) <= message_shapes.LONGEST and "\n" not in shape and "\x00" not in shape
    assert times[1] <= 12 * max(times[0], 0.01)  # 4 times as long; 16 times would be its square


def test_only_the_beginning_of_a_long_message_is_read() -> None:
    assert message_shapes.of("x" * 5000 + "7") == message_shapes.of("x" * 5000 + "8") == "x" * message_shapes.LONGEST
