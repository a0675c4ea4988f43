"""What a short page says besides a wall's sentences: a posting or a shop that mentions a captcha has sentences of its own."""

import html
import re

from parsing.blocks_page import INLINE, TAG, Page, count_words
from parsing.blocks_signs import PHRASES

SENTENCE_END = re.compile(r"[\n\r]+|(?<=[.!?…])\s|(?<=[。！？])")
LEAST_WORDS = 3  # a shorter piece is a link or a label
MOST_OTHER = 5  # words; a name of a site, a motto
SPARSE = 10  # a wall has one of its words in so many
GROUPS = ("not_found", "challenge", "captcha", "denied", "rate_limited", "other_error", "login_wall", "consent")


def has_own_text(page: Page, share: float) -> bool:
    """Whether more than a share of a page of few words is sentences that no wall says: those with hardly a word of walls."""
    counted = ((count_words(sentence), sentence) for sentence in _sentences(page))
    other = sum(words for words, sentence in counted if words >= LEAST_WORDS and not _is_of_wall(sentence, words))
    return other > MOST_OTHER and other > share * page.words


def _sentences(page: Page) -> list[str]:
    text = html.unescape(TAG.sub("\n", INLINE.sub(" ", page.split[0])))
    return [sentence for sentence in map(str.strip, SENTENCE_END.split(text)) if sentence]


def _is_of_wall(sentence: str, words: int) -> bool:
    of_walls = sum(1 for _ in PHRASES["wall_word"].finditer(sentence))
    return of_walls * SPARSE >= words or any(PHRASES[group].search(sentence) for group in GROUPS)
