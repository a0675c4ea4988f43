"""The code page of a text that is not Unicode: guessed from its letters, or left open.

Every code page has a letter for almost every byte. So the guess rests on the letters that a page's languages use, on their
neighbours and on case. An accented letter stands among plain letters; a letter of another alphabet stands among its own. If the
language is known, it decides between similar pages.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A code page with the letters of its languages. `often` are frequent letters and weigh more than `letters`."""

    codec: str
    words: str  # for people
    languages: str
    often: str = ""
    letters: str = ""
    alphabet: bool = False  # a script of its own, without plain letters
    wide: bool = False  # two bytes a character


WEST, WEST_OFTEN = "de fr es it pt nl sv da no fi en is ca", "äöüßéèàçñóáíâêõãåø"

PAGES = (
    Page("cp1252", "Western European", WEST, WEST_OFTEN, "ëïîôûùúòìœæ’‘“”–—€«»¿¡°´®™ªº·…"),
    Page("cp1250", "Central European", "pl cs sk hu hr sl ro sq bs", "ąęłśżćńźěščřžůőűțșăâîđ", "áéíóúýďťňäöüôľĺŕţşë’„”“–€"),
    Page("cp1254", "Turkish", "tr az", "ışğç", "öüâîû’“”–€"),
    Page("cp1257", "Baltic", "lt lv et", "ėąęįšųūžāēīķļņčģ", "äöüõ’“”–€"),
    Page("cp1251", "Cyrillic", "ru uk bg sr mk be", "оеаинтсрвлкмдпуяызьбг", "чйхжшюцщэфъёіїєґљњћђџў№«»–—", alphabet=True),
    Page("cp1253", "Greek", "el", "αοιετσνηυρπκμλ", "ςωάίήόέύώγδθχφβξζψϊϋΐΰ’“”–", alphabet=True),
    Page("cp1255", "Hebrew", "iw he yi", "יולהאמרתבשנ", "עדקחפסגצטזכםןךףץ₪׳״–", alphabet=True),
    Page("cp1256", "Arabic", "ar fa ur", "اليمنروتبدسع", "فقكةحجشصطخزضذثغظءئؤىأإآپچژگہھیے،؟", alphabet=True),
    Page("cp874", "Thai", "th", "านรอกเงมยลวดทสตะปบคหแ", "จชพขใไโผณซศธถฟษฉภฐญฎฏฑฒฌฮฤ่้๊๋ิีึืุูัํ์็ๆฯำ", alphabet=True),
    Page("cp932", "Japanese (Shift-JIS)", "ja", wide=True),
    Page("gb18030", "Chinese (GB 18030)", "zh-CN", wide=True),
    Page("big5", "Chinese (Big5)", "zh-TW", wide=True),
    Page("cp949", "Korean", "ko", wide=True),
    Page("mac_roman", "Western European of a Mac", WEST, WEST_OFTEN, "ëïîôûùúòìœæ’‘“”–—«»¿¡°…"),
    Page("cp850", "Western European of DOS", WEST, WEST_OFTEN, "ëïîôûùúòìæ"),
)

#: Letters of one language each, besides the plain ones. A page is surer if all letters belong to one language. As Western
#: European, `øízek èeský` mixes a Danish letter with French ones, so it is Czech.
ALPHABETS = {
    "cp1252": (
        "äöüß",
        "éèêëàâîïôûùüçœæ",
        "áéíóúüñ",
        "àèéìòù",
        "ãõáéíóúâêôàç",
        "éëïöüèê",
        "åäöé",
        "æøåé",
        "áðéíóúýþæö",
        "àçéèíïóòúü",
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîșțşţ"),
    "cp1254": ("çğıöşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"),
}
ALPHABETS["mac_roman"] = ALPHABETS["cp850"] = ALPHABETS["cp1252"]

#: Bonus of a page whose letters all belong to one language.
ONE_LANGUAGE = 0.6

#: How many lines are read.
LINES = 500

#: A letter of another script than the Latin one.
LETTER = re.compile(r"[^\W\d_\u0000-\u036f\u1e00-\u1eff\u2000-\u2bff]")

#: In how many lines names of columns are looked for.
NAMES_LINES = 20

#: How much better than the next page the best one must be, for each byte, unless both give the same text.
MARGIN = 0.25

#: Bonus of Western European and of a known language.
USUAL, KNOWN = 0.3, 0.6

#: Lowest score of the best page.
BELIEVED = 0.6

#: Fewest bytes beyond ASCII in a text for a script other than the user's.
ENOUGH = 4


def guess(sample: bytes, language: str | None = None) -> Page | None:
    """The code page of a text; None if undecided. `language` is the likely language of the text."""
    lines = [line for line in re.split(rb"[\r\n]+", sample) if not line.isascii()][:LINES]
    count = sum(byte > 127 for line in lines for byte in line)
    scored: list[tuple[float, str, Page]] = []
    for page in PAGES:
        is_known = _has(page, language)
        if count < ENOUGH and (page.alphabet or page.wide) and not is_known:
            continue
        try:
            text = b"\n".join(lines).decode(page.codec)
        except UnicodeDecodeError:
            continue
        score = (_wide(text, page) if page.wide else _narrow(text, page)) / max(1, count)
        score += USUAL * (page.codec == "cp1252") + KNOWN * is_known + ONE_LANGUAGE * _is_of_one_language(text, page)
        scored.append((score, text, page))
    scored.sort(key=lambda one: -one[0])
    if not scored or scored[0][0] < BELIEVED:
        return None
    best = scored[0]
    other = next((one for one in scored[1:] if one[1] != best[1]), None)
    return None if other and best[0] - other[0] < MARGIN else best[2]


def by_names(head: bytes, is_name: Callable[[str], bool]) -> Page | None:
    """The page of another script than ours in which the first lines hold names of columns; None if none or several do.

    `is_name` says whether a text is the name of a column. A name in plain letters with accents reads alike in many pages.
    """
    lines = [line for line in re.split(rb"[\r\n]+", head)[:NAMES_LINES] if not line.isascii()]
    found = [page for page in PAGES if (page.wide or page.alphabet) and any(_names(line, page, is_name) for line in lines)]
    return found[0] if len(found) == 1 else None


def _names(line: bytes, page: Page, is_name: Callable[[str], bool]) -> bool:
    try:
        names = [cell.strip(' "') for cell in re.split(r"[,;\t|]", line.decode(page.codec))]
    except UnicodeDecodeError:
        return False
    return any(LETTER.search(name) and is_name(name) for name in names)


def _is_of_one_language(text: str, page: Page) -> bool:
    letters = {char for char in text.lower() if char.isalpha() and not char.isascii()}
    return bool(letters) and any(letters <= set(alphabet) for alphabet in ALPHABETS.get(page.codec, ()))


def _has(page: Page, language: str | None) -> bool:
    base = (language or "").partition("-")[0]
    return language in page.languages.split() or base in {name.partition("-")[0] for name in page.languages.split()}


def _narrow(text: str, page: Page) -> float:
    score = 0.0
    for at, char in enumerate(text):
        if char.isascii():
            continue
        lower = char.lower()
        score += 1.5 if lower in page.often else 1.0 if lower in page.letters else -2.0
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if not char.isalpha():
            continue
        for beside in (before, after):
            if beside.isalpha() and beside.isascii() == page.alphabet:
                score -= 1.0 if page.alphabet else 0.4
        if char.isupper() and before.islower():
            score -= 1.5
    return score


def _wide(text: str, page: Page) -> float:
    score = 0.0
    for at, char in enumerate(text):
        if char.isascii():
            continue
        score += 2 * _wide_char(char, page.codec)
        beside = text[at - 1 : at] + text[at + 1 : at + 2]
        if beside.isascii() and beside.strip(" \t,;|\"'\n"):
            score -= 1.5  # alone among plain letters: more likely an accented letter
    return score


def _wide_char(char: str, codec: str) -> float:
    """How usual a character is in the languages of a code page."""
    name = unicodedata.name(char, "")
    raw = char.encode(codec, "ignore")
    if codec == "cp932":
        if name.startswith(("HIRAGANA", "KATAKANA")):
            return 1.5
        usual = len(raw) == 2 and raw[0] <= 0x97 and name.startswith("CJK UNIFIED")
        return 1.0 if usual else -1.0 if "HALFWIDTH" in name else -0.5
    if codec == "cp949":
        usual = len(raw) == 2 and 0xB0 <= raw[0] <= 0xC8 and raw[1] >= 0xA1
        return 1.3 if usual and name.startswith("HANGUL") else -0.7
    if codec == "big5":
        return 1.0 if len(raw) == 2 and 0xA4 <= raw[0] <= 0xC6 else -0.5
    return 1.0 if len(raw) == 2 and 0xB0 <= raw[0] <= 0xD7 and raw[1] >= 0xA1 else -0.7
