"""The quick ways to look for phrases and to count words find what the slow ones find."""

import doctest

import pytest

from parsing import blocks_page, blocks_said, blocks_signs, needed_words
from tests.parsing.test_blocks import LOREM, hand_made


def test_the_examples_are_true() -> None:
    assert doctest.testmod(needed_words).failed == 0


@pytest.mark.parametrize("name", ["not_found", "login_wall", "captcha", "challenge", "denied", "for_sale"])
def test_a_phrase_is_found_where_the_whole_pattern_finds_it(name: str) -> None:
    pages = [blocks_page.Page(row.values[0]["body"]) for row in hand_made()]
    short = [f"{page.title}\n{page.text[:2000]}" for page in pages]
    found = 0
    for text in (*short, *(f"{text} {LOREM.lower() * 2}" for text in short), *(f"{LOREM.lower() * 2}{text}" for text in short)):
        whole, quick = blocks_signs.PHRASES[name].search(text), blocks_said.said(name, text)
        assert (whole and (whole.span(), whole[0])) == (quick and (quick.span(), quick[0]))
        found += whole is not None and len(text) >= needed_words.LEAST_CHARS
    assert found


def test_most_phrases_need_a_word() -> None:
    phrases = [phrase for group in blocks_signs.PHRASES for phrase in blocks_said.phrases(group)]
    assert sum(bool(needed_words.needed(phrase)) for phrase in phrases) > 0.9 * len(phrases)


@pytest.mark.parametrize("text", ["a-b, c_d (e) 1.5", "", " x", "été – ça va? 日本 ok", "a\xa0b … c", "<b>a</b>b 5 € für ١٢"])
def test_words_are_counted_the_same_whether_all_or_enough_are_counted(text: str) -> None:
    bare = blocks_page.TAG.sub(" ", text)
    words = len(blocks_page.WORD.findall(blocks_page.CJK.sub(" ", bare))) + len(blocks_page.CJK.findall(bare)) // 2
    assert blocks_page.count_words(text) == words
    for enough in range(1, words + 2):
        assert (blocks_page.count_words(text, enough) > enough) == (words > enough)
