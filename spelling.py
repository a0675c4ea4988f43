"""The text of a keyword: as typed, the key that finds duplicates, and the folded form that older versions stored.

The typed text is stored, shown and sent to Google. The key decides whether two texts are one keyword. So the key folds only
differences that Google ignores (looked up in 2026-11):

    folded                                kept apart
    upper and lower case                  OR, AND, AROUND(n): operators, in capitals only
    final and inner sigma                 ß and ss, ı and i, accents, ² and 2
    full-width and half-width letters     quotes, -minus, site: and every other mark
    ligatures, Arabic letter shapes       joiners that change a Persian or Indic word
"""

import re
import unicodedata
from collections.abc import Callable

#: Google reads so many words and ignores the rest (support.google.com, 2026-11).
MAX_WORDS = 32

JOINERS = "\u200c\u200d"  # zero width, but they change the word in Persian and Indic scripts and in emoji

# Visible format characters: number signs of Arabic, Syriac and Kaithi, and the tags that make a flag of a region.
SHOWN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U000e0020-\U000e007f]")

# Google reads these as operators only in capitals and as separate words.
OPERATOR = re.compile(r"(?<![^\s()|])(?:OR|AND|AROUND ?\(\d+\))(?![^\s()|])")

# Only languages with a dotless ı have these letters. There, I is the capital of ı.
DOTLESS = re.compile("[\u0131\u0130\u011f\u011e]")
DOTTED = re.compile("i\u0307+")  # other programs write İ in lower case like this

WIDTHS = ("<wide>", "<narrow>")
SHAPES = ("<initial>", "<medial>", "<final>", "<isolated>")
LIGATURES = "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
VOICED = "\uff9e\uff9f"  # half-width marks that belong to the kana before them

ROUNDS = 4  # NFKC and case folding settle after two rounds; the rest is slack


def as_typed(text: str) -> str:
    """The text letter by letter (NFC), without control characters, white space at its ends and more than one blank in a row.

    >>> as_typed("  Fu\\u00dfball\\tTRIKOT \\n"), as_typed("cat OR dog"), as_typed("\\u201cbest\\u00a0shoes\\u201d")
    ('Fußball TRIKOT', 'cat OR dog', '“best shoes”')
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    blanks = "".join(" " if char.isspace() else char for char in text)
    return " ".join(unicodedata.normalize("NFC", "".join(filter(_is_typed, blanks))).split())


def key(text: str) -> str:
    """The key that two spellings of one keyword share. The key of a key is the same.

    >>> key("Red  SHOES") == key("red shoes"), key("\\u039f\\u03a3\\u039f\\u03a3") == key("\\u03bf\\u03c3\\u03bf\\u03c2")
    (True, True)
    >>> key("Ma\\u00dfe") == key("Masse"), key("cat OR dog") == key("cat or dog"), key("-shop") == key("shop")
    (False, False, False)
    """
    typed = as_typed(text)
    if typed.isascii():
        return _around_operators(typed, str.lower)
    narrow = as_typed("".join(map(_one_width, typed)))
    return unicodedata.normalize("NFC", _around_operators(narrow, _fold_dotless if DOTLESS.search(narrow) else _fold))


def folded(text: str) -> str:
    """The form that was stored in place of the text until 2026-11: NFKC, case folded (ß is ss), white space collapsed.

    Ids of keywords and names of objects from that time are made of it, so it never changes. Folding twice changes nothing.

    >>> folded("  Python\\tTUTORIAL\\n"), folded("\\uff28\\uff45\\uff4c\\uff4c\\uff4f\\x00")
    ('python tutorial', 'hello')
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split()).lower()
    for _ in range(ROUNDS):
        before = text
        text = " ".join("".join(filter(_is_kept, text)).split())
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if text == before:
            break
    return text


def ignored_words(text: str) -> str:
    """The words of a keyword that Google leaves out because there are too many; "" = none.

    >>> ignored_words("a b"), ignored_words("word " * 33)
    ('', 'word')
    """
    return " ".join(text.split()[MAX_WORDS:])


def _around_operators(text: str, fold: Callable[[str], str]) -> str:
    parts, at = [], 0
    for operator in OPERATOR.finditer(text):
        parts += [fold(text[at : operator.start()]), operator[0]]
        at = operator.end()
    return "".join(parts) + fold(text[at:])


def _fold(text: str) -> str:
    """Lower case letter by letter. A letter that would become several letters (ß → ss) stays."""
    letters = [char.casefold() if len(char.casefold()) == 1 else _lower(char) for char in text]
    return DOTTED.sub("i", "".join(letters))


def _fold_dotless(text: str) -> str:
    return _fold(text.replace("I", "\u0131"))


def _lower(char: str) -> str:
    if char == "\u0130":
        return "i"
    return char.lower() if len(char.lower()) == 1 else char


def _one_width(char: str) -> str:
    """A letter or digit in its ordinary width and shape. A full-width mark stays: unlike the ordinary mark, it is no operator."""
    kind, _, codes = unicodedata.decomposition(char).partition(" ")
    if char in LIGATURES or kind in SHAPES:
        return unicodedata.normalize("NFKC", char)
    if kind in WIDTHS:
        plain = chr(int(codes, 16))
        return plain if plain.isalnum() or char in VOICED else char
    return char


def _is_typed(char: str) -> bool:
    return _is_kept(char) or SHOWN.match(char) is not None


def _is_kept(char: str) -> bool:
    return char in JOINERS or char.isspace() or unicodedata.category(char) not in ("Cc", "Cf")
