"""Telephone and fax numbers of a page: `tel:` links, structured data and text."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import models
from parsing import phones, regexes
from parsing.contacts import columns, values
from parsing.contacts.page_text import PageText

#: Words before a number. The nearest one tells what it is.
LABEL = regexes.late(
    r"\b(?:(?P<fax>t[eé]l[eé]?fax|fax(?:nummer|nr|i)?|facsimile|t[eé]l[eé]copie(?:ur)?|(?:tele)?faks(?:as|i|s)?|belgeç|belgegeçer)"
    r"|tel|t[eé]l[eé](?:f|ph)o+n[eo]?|telf|tlf|tfno|phone|ph|call|mobile?|mob|movil|móvil|cell?(?:ular)?|handy|gsm|puh(?:elin)?|hotline"
    r"|fon[eo]?|toll|free|direct|office|voice|contact (?:no|nos|number)|t|p|m|(?P<f>f))\b"
    r"|(?P<jfax>ファックス|ファクス|ＦＡＸ|FAX|传真|傳真|팩스|факс|φαξ|فاكس|نمابر|פקס|แฟกซ์|โทรสาร)"
    r"|電話|电话|手机|전화|тел|τηλ|κιν|هاتف|تلفن|جوال|טלפון|נייד|โทร",
    re.IGNORECASE,
)
AFTER = regexes.late(r"\s{0,2}[(\[-]?\s{0,2}(?:fax|facsimile|t[eé]l[eé]fax)\b", re.IGNORECASE)
WHATSAPP = regexes.late(
    r"(?:https?://(?:www\.)?wa\.me/|(?:https?://(?:api|web)\.whatsapp\.com/|whatsapp:/{0,2})send/?\?(?:[^#]*&)?phone=)"
    r"((?:\+|%2B|00)?[\d()%. -]{8,30})",
    re.IGNORECASE,
)
EXTENSION = regexes.late(r"(?i)\s*(?:ext|x|;|#)")
NEXT_NUMBER = regexes.late(r"\s{0,3}[:：.]?\s{0,3}[+(（]?\d")
DIRECT = regexes.late(r"[ \t:：.#+(（]*")
BACK, MAX_IN_TEXT = 40, 1_000
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
VANITY = regexes.late(
    r"(?<![\w-])(?:\+?1[-. ])?\(?8(?:00|33|44|55|66|77|88)\)?[-. ](?=[\d-]{0,8}[A-Z])([A-Z\d]{1,7}(?:-[A-Z\d]{1,7}){0,3})\b"
)


def of(page: PageText, nodes: Sequence[dict[str, Any]], regions: Sequence[str], others: Sequence[str] = ()) -> list[models.Phone]:
    """Each number once; `regions` are the countries of numbers without a country code, the surest first.

    A number of one of the `others`, countries that the page only names, counts where a word such as `Tel` says that it is one.
    """
    first = regions[0] if regions else None
    found = [*_in_links(page, regions), *_in_data(nodes, first), *_in_text(page, regions), *_in_chats(page)]
    covered = {one.position for one in found}
    found += [
        one for one in (_in_text(page, others) if others else ()) if one.position not in covered and _is_told(page.text, one)
    ]
    faxes = {one.e164 for one in found if one.kind == "fax"} - {one.e164 for one in found if one.kind == "phone"}
    kept = values.once(found, lambda one: one.e164)
    return [replace(one, kind="fax" if one.e164 in faxes else "phone") for one in kept]


def _is_told(text: str, one: models.Phone) -> bool:
    """Whether a number begins as numbers do within their country, or a word before it says that it is one."""
    digits = re.sub(r"\D", "", one.written)
    is_long = digits.startswith("0") and len(digits) >= 10 and not digits.startswith("00") and not one.written.isdecimal()
    at = one.position or 0
    return is_long or LABEL.search(text[max(at - 25, 0) : at]) is not None


def _in_links(page: PageText, regions: Sequence[str]) -> Iterator[models.Phone]:
    for link in page.links:
        scheme, _, rest = (link.node.attributes.get("href") or "").strip()[:200].partition(":")
        if scheme.lower() not in ("tel", "callto", "fax"):
            continue
        written = unquote(rest).strip().removeprefix("//").partition("?")[0]
        options = (phones.normal(written, region) for region in (regions or (None,)))
        if number := next((one for one in options if one), None):
            shown = " ".join(page.text[link.start : link.end].split())
            is_shown = 0 < len(shown) < 60 and phones.normal(shown, regions[0] if regions else None) == number
            yield models.Phone(
                e164=number,
                written=shown if is_shown else written,
                kind="fax" if scheme.lower() == "fax" or _is_fax(page.text, link.start, link.end) else "phone",
                source="tel: link",
                snippet=page.line_at(link.start, link.end),
                position=link.start,
            )


def _in_chats(page: PageText) -> Iterator[models.Phone]:
    """Numbers in links to WhatsApp, which have a country code and no plus."""
    for link in page.links:
        href = (link.node.attributes.get("href") or "").strip()[:500]
        if (match := WHATSAPP.match(href)) and (number := phones.normal(f"+{re.sub(r'[^0-9]', '', unquote(match[1]))}", None)):
            snippet = page.line_at(link.start, link.end)
            yield models.Phone(e164=number, written=number, kind="phone", source="link", snippet=snippet, position=link.start)


def _in_data(nodes: Sequence[dict[str, Any]], region: str | None) -> Iterator[models.Phone]:
    for node in nodes:
        is_fax = any(LABEL.fullmatch(word) and "fax" in word.lower() for word in values.texts(node.get("contactType")))
        for key, kind in (("telephone", "fax" if is_fax else "phone"), ("tel", "phone"), ("faxNumber", "fax")):
            for text in values.texts(node.get(key)):
                written = text.strip()
                if number := phones.normal(written.removeprefix("tel:"), region):
                    yield models.Phone(e164=number, written=written, kind=kind, source=values.DATA, snippet=written[:200])


def _in_text(page: PageText, regions: Sequence[str]) -> Iterator[models.Phone]:
    at = 0
    for written, number in [*itertools.islice(phones.find(page.text, *regions), MAX_IN_TEXT), *_vanity(page.text, regions)]:
        found = page.text.find(written, at)
        start = found if found >= 0 else page.text.find(written)
        if start < 0:  # the text was changed to read it
            start, end = at, at
        else:
            end = start + len(written)
            at = end if found >= 0 else at
        if _is_odd(written, number) or (written.isdecimal() and not _is_labelled(page.text, start)):
            continue
        kind = "fax" if _is_fax(page.text, start, end) else "phone"
        yield models.Phone(
            e164=number, written=written, kind=kind, source="text", snippet=page.line_at(start, end), position=start
        )


def _is_labelled(text: str, at: int) -> bool:
    """Whether a word before a number, in its line or the line above, says what it is. Bare digits may be anything."""
    return LABEL.search(text[max(at - BACK, 0) : at]) is not None


def _is_odd(written: str, number: str) -> bool:
    """Whether a number of North America is grouped as none is: `123-123-12345`."""
    groups = re.findall(r"\d+", EXTENSION.split(written)[0])
    return number.startswith("+1") and len(groups) > 1 and len(groups[-1]) in (5, 6, 8, 9)


def _vanity(text: str, regions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`1-800-FLOWERS`: letters of the keypad, in North America."""
    if "US" not in regions and "CA" not in regions:
        return
    for match in VANITY.finditer(text):
        digits = re.sub(r"\D", "", match[0].translate(KEYPAD)).removeprefix("1")[:10]
        if len(digits) == 10 and (number := phones.normal(digits, "US")):
            yield match[0], number


def _is_fax(text: str, start: int, end: int) -> bool:
    """Whether the nearest word before a number, or what follows it, says fax. `Tel/Fax` is a telephone.

    In a table whose first row tells telephones from faxes, the column decides.
    """
    if (told := columns.heading(text, start, LABEL)) is not None:
        return bool(told["fax"] or told["jfax"] or told["f"])
    before = text[max(start - BACK, 0) : start]
    labels = list(LABEL.finditer(before))
    after = AFTER.match(text, end)
    if after and not NEXT_NUMBER.match(text, after.end()) and not (labels and DIRECT.fullmatch(before, labels[-1].end())):
        return True
    if not labels or re.search(r"\d{3}", before[labels[-1].end() :]):
        return False
    last = labels[-1]
    is_fax = bool(last["fax"] or last["jfax"] or last["f"])
    is_shared = len(labels) > 1 and re.fullmatch(r"\s?(?:[./&+,]|and|und|et|y|e)\s?", before[labels[-2].end() : last.start()])
    return is_fax and not (is_shared and not (labels[-2]["fax"]))
