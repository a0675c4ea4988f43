"""The text of a keyword: kept as typed, and two texts are one keyword only where Google reads one word."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import spelling

TEXT = st.text(max_size=30) | st.text(alphabet='aAiIıİßẞsσςΣOR -"()|²ﬁｱﾞＡ\u0307\u200d', max_size=12)


@pytest.mark.parametrize(
    "text",
    ["Fußball Trikot", "ξενοδοχεία Αθήνας", "cat OR dog", 'site:example.com ("blue shoes" OR red) -shop', "m² Preis", "C++",
     "ＳＥＯ対策", "می\u200cروم", "İstanbul KIRMIZI", "brand™ ½", "👩\u200d💻 jobs", "“best” shoes’", "שָׁלוֹם", "* 2 ~ 3..5"],
)  # fmt: skip
def test_what_was_typed_is_kept_letter_by_letter(text: str) -> None:
    assert spelling.as_typed(text) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  a \t b\r\n", "a b"), ("a\u00a0b\u3000c", "a b c"), ("a\x00b\x1b[0m", "ab[0m"), ("\ufeffa\u200b\u00ad\u202e", "a"),
     ("cafe\u0301", "caf\u00e9"), ("\u2028a\u0085b", "a b"), (" \u200b ", "")],
)  # fmt: skip
def test_what_nobody_sees_is_left_out(typed: str, kept: str) -> None:
    assert spelling.as_typed(typed) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [("Red Shoes", "RED  shoes"), ("Όδος", "ΌΔΟΣ"), ("FUẞBALL", "Fußball"), ("ＳＥＯ対策", "seo対策"), ("ｶﾞｲﾄﾞ", "ガイド"),
     ("ﬁsh", "FISH"), ("İstanbul", "istanbul"), ("i\u0307stanbul", "İSTANBUL"),
     ("KIRMIZI ığdır", "kırmızı ığdır"), ("cafe\u0301", "CAF\u00c9"), ("ﻣﺮﺣﺒﺎ", "مرحبا"), ("ſun", "sun"), ("a\u00adb", "AB")],
)  # fmt: skip
def test_spellings_of_one_word_share_a_key(one: str, other: str) -> None:
    assert spelling.key(one) == spelling.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("in Maßen trinken", "in Massen trinken"), ("cat OR dog", "cat or dog"), ("rock AND roll", "rock and roll"),
     ("a AROUND(3) b", "a around(3) b"), ("sık", "sik"), ("-shop shoes", "shop shoes"), ('"red shoes"', "red shoes"),
     ("site:a.com", "site a.com"), ("m² preis", "m2 preis"), ("schon", "schön"), ("brand™", "brandtm"), ("می\u200cروم", "میروم"),
     ("c++", "c"), ("a|b", "a b"), ("AT＆T", "AT&T"), ("site：a.com", "site:a.com"),
     ("－shop b", "-shop b"), ("＂a b＂", '"a b"'), ("½ liter", "1⁄2 liter"), ("ŉ", "ʼn"), ("ﬁ", "f i"), ("и\u0306", "и")],
)  # fmt: skip
def test_texts_that_google_reads_differently_have_two_keys(one: str, other: str) -> None:
    assert spelling.key(one) != spelling.key(other)


@pytest.mark.parametrize("text", ["OR-tools", "ORlando", "xOR y", "AND1 shoes", "OR.NET"])
def test_only_a_word_of_its_own_is_an_operator(text: str) -> None:
    assert spelling.key(text) == text.lower()


@given(TEXT)
@example("i\u0307\u0307")
def test_keeping_and_folding_twice_change_nothing(text: str) -> None:
    assert spelling.as_typed(spelling.as_typed(text)) == spelling.as_typed(text)
    assert spelling.key(spelling.key(text)) == spelling.key(text) == spelling.key(unicodedata.normalize("NFD", text))


def test_words_behind_the_thirty_second_are_told() -> None:
    text = " ".join(f"w{number}" for number in range(34))
    assert spelling.ignored_words(text) == "w32 w33" and not spelling.ignored_words(text.rsplit(" ", 2)[0])
