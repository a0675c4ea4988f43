"""The name of the organisation whose page it is, and its description."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from selectolax.lexbor import LexborHTMLParser

import models
from parsing import domains, entities, head_metas, regexes, structured
from parsing.contacts import values
from parsing.contacts.cards import Card
from parsing.contacts.page_text import PageText

MAX_CHARS = 120
#: Contact data as Facebook's Open Graph writes it, by the names of schema.org.
GRAPH = {
    "business:contact_data:street_address": "streetAddress", "business:contact_data:locality": "addressLocality",
    "business:contact_data:region": "addressRegion", "business:contact_data:postal_code": "postalCode",
    "business:contact_data:country_name": "addressCountry", "business:contact_data:email": "email",
    "business:contact_data:phone_number": "telephone", "business:contact_data:fax_number": "faxNumber",
    "og:street-address": "streetAddress", "og:locality": "addressLocality", "og:region": "addressRegion",
    "og:postal-code": "postalCode", "og:country-name": "addressCountry", "og:email": "email", "og:phone_number": "telephone",
    "og:fax_number": "faxNumber",
}  # fmt: skip
LEGAL = (
    r"Inc|LLC|L\.L\.C|Ltd|Limited|LLP|PLC|plc|Corp|Corporation|Company|Co|GmbH(?: & Co\.? ?KG(?:aA)?)?|AG|KG|OHG"
    r"|UG(?: \(haftungsbeschränkt\))?|e\.V|e\.K"
    r"|S\.?A\.?R\.?L|SAS|S\.?A\.?S|S\.A|S\.?L\.?U?|S\.r\.l|S\.?p\.?A|s\.n\.c|B\.?V|N\.?V|V\.?O\.?F|Pty\.? Ltd"
    r"|Pvt\.? Ltd|A/S|ApS|AB|Oy|AS|Sp\. z o\.o|K\.?K"
)
NAME = r"[^\W_][\w&'’.+®™-]{0,25}(?:,? (?:&|(?:and|of|the|for|und|et|de|y|e)(?= [A-ZÀ-Þ])|[A-ZÀ-Þ\d][\w&'’.+®™-]{0,25})){0,6}"
LEGAL_NAME = regexes.late(
    rf"(?<![\w&])(?P<name>[A-ZÀ-Þ\d][\w&'’+®™-]{{0,25}}(?: (?:&|and|of|und|et"
    rf"|[A-ZÀ-Þ\d][\w&'’.+®™-]{{0,25}})){{0,5}},? ?(?<=[, ])(?:{LEGAL})\b\.?)(?!\w)"
)
LEGAL_JA = regexes.late(
    r"(?:(?:株式会社|有限会社|合同会社)[一-龥ぁ-んァ-ヶーA-Za-z・&]{1,20}|[一-龥ァ-ヶーA-Za-z・&]{1,20}(?:株式会社|有限会社))"
)
COPYRIGHT = regexes.late(
    rf"(?:©|(?i:\(c\)|copyright))(?P<years>(?:[\s,©]|(?i:\(c\)|copyright|by)|\d{{4}}|[-–—]){{0,14}})\s?(?P<name>{NAME})"
)
TAIL = regexes.late(
    r"[ ,.]+(?:All|Alle|Tous|Todos|Tutti|Privacy|Terms|Powered|Site|Website|Home|Contact|Sitemap|Legal|Impressum"
    r"|Designed|Created)$"
)
YEAR = regexes.late(r"^(?:19|20)\d\d ")
NOT_OURS = regexes.late(r"(?:map data|imagery|kartendaten|données cartographiques|datos de mapas)\W*$", re.IGNORECASE)
RIGHTS = regexes.late(
    r"(?:\b(?:all rights|all right|reserved|alle rechte|tous droits|todos los|tutti i|powered|website|web design"
    r"|design(?:ed)? by|site by|privacy|terms)\b|[|•·]).*",
    re.IGNORECASE,
)
PARTS = regexes.late(r"\s[-–—|:»«·•/~]+\s|\s?[|»•·]\s?|: ")
GENERIC = regexes.late(
    r"(?:the |our |welcome to |company |general )?(?:contact(?: us| info(?:rmation)?| details| page)?|home ?"
    r"(?:page)?|about(?: us| me)?|welcome|services|products|locations?"
    r"|get in touch|find us|feedback|support|customer (?:service|care)|help|team|staff|directory|news|faqs?"
    r"|testimonials|privacy policy|terms.*"
    r"|kontakt|impressum|startseite|über uns|anfahrt|accueil|contactez-nous|nous contacter|mentions légales"
    r"|inicio|contacto|quiénes somos"
    r"|contatti|chi siamo|contact opnemen|over ons|お問い合わせ|会社概要|ホーム|company name|untitled.*|index|official site)",
    re.IGNORECASE,
)


def graph_nodes(data: structured.Structured) -> list[dict[str, Any]]:
    """The contact data of Open Graph as one object of schema.org; none where there is none."""
    node = {GRAPH[name]: value for name, value in data.opengraph.items() if name in GRAPH}
    return [node] if node else []


def names(
    title: str,
    data: structured.Structured,
    nodes: Sequence[dict[str, Any]],
    page: PageText,
    found_cards: Sequence[Card],
    host: str,
) -> list[models.Name]:
    """The names, the surest first: what the page says for machines, its copyright line, its title and text by its domain."""
    told = [*_in_data(data, nodes), *_in_cards(found_cards, page), *_copyright(page)]
    label = _label(host)
    titles = [*_in_title(title, label)]
    known = {_letters(one.text)[:40] for one in (*told, *titles)} | ({label} if label else set())
    found = [*told, *titles, *(_by_label(page, label) if len(label) >= 4 else ()), *_legal(page, known)]
    return values.once((one for one in found if len(_letters(one.text)) > 1), lambda one: " ".join(one.text.casefold().split()))


def _in_data(data: structured.Structured, nodes: Sequence[dict[str, Any]]) -> Iterator[models.Name]:
    for node in nodes:
        if _is_organisation(node):
            for key in ("name", "legalName"):
                if name := values.text(node.get(key)):
                    yield models.Name(text=name[:MAX_CHARS], source=values.DATA, snippet=name[:MAX_CHARS])
    for text in values.texts(data.opengraph.get("og:site_name"))[:1]:
        yield models.Name(text=text[:MAX_CHARS].strip(), source="meta", snippet=text[:MAX_CHARS])


def _is_organisation(node: dict[str, Any]) -> bool:
    return not set(node.get("@type") or ()).isdisjoint(entities.ORGANIZATION)


def _in_cards(found: Sequence[Card], page: PageText) -> Iterator[models.Name]:
    for card in found:
        if name := card.parts.get("org"):
            at = card.mark.start
            yield models.Name(text=name[:MAX_CHARS], source="markup", snippet=page.line_at(at), position=at)


def _copyright(page: PageText) -> Iterator[models.Name]:
    text = page.text
    for match in COPYRIGHT.finditer(text):
        name = TAIL.sub("", RIGHTS.sub("", match["name"])).strip(" ,-–—|.")
        is_told = "©" in match[0] or "(c)" in match[0].lower() or re.search(r"\d{4}", match["years"])
        if not is_told or NOT_OURS.search(text, max(match.start() - 40, 0), match.start()):
            continue
        if (
            name
            and (name[0].isupper() or name[0].isdigit())
            and not name.isdigit()
            and not GENERIC.fullmatch(name)
            and len(name) > 2
        ):
            whole = name + "." if re.search(r"(?: Inc| Ltd| Co| Corp)$", name) and match["name"].startswith(name + ".") else name
            at = match.start("name")
            yield models.Name(text=whole[:MAX_CHARS], source="text", snippet=page.line_at(at), position=at)


def _label(host: str) -> str:
    """The letters of the name in a domain: `www.acme-tools.co.uk` → `acmetools`."""
    domain = domains.registrable(host) if host else None
    return re.sub(r"[^a-z0-9]", "", (domain or "").partition(".")[0])[:40]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold().replace("&", "and"))


def _in_title(title: str, label: str) -> Iterator[models.Name]:
    """The part of a title that is the domain's name; without a domain the one part that is not the page's own."""
    parts = [part.strip(" .") for part in PARTS.split(title) if part.strip(" .")]
    plain = [part for part in parts if not GENERIC.fullmatch(part)]
    if label:
        plain = [
            part
            for part in plain
            if label in _letters(part) or (2 * len(_letters(part)) >= max(len(label), 6) and _letters(part) in label)
        ]
        plain = [part for part in plain if len(part) <= 2 * len(label) + 8]
    elif len(plain) != 1 or len(parts) < 2:
        return
    for part in plain[:2]:
        if len(part.split()) <= 7:
            yield models.Name(text=part[:MAX_CHARS], source="title", snippet=title[:200])


def _by_label(page: PageText, label: str) -> Iterator[models.Name]:
    """How the text writes the name of the domain: the same letters, with blanks and capitals."""
    letters = r"[\W_]{0,3}".join(re.escape(char) for char in label).replace(
        r"a[\W_]{0,3}n[\W_]{0,3}d", r"(?:a[\W_]{0,3}n[\W_]{0,3}d|&)"
    )
    seen: set[str] = set()
    for match in re.finditer(rf"(?<![\w@./-]){letters}(?![\w@-]|\.[a-z])", page.text, re.IGNORECASE):
        text = match[0]
        if "\n" not in text and "\t" not in text and text[0].isupper() and text not in seen:
            seen.add(text)
            yield models.Name(text=text, source="text", snippet=page.line_at(match.start()), position=match.start())
        if len(seen) >= 4:
            return


def _legal(page: PageText, known: set[str]) -> Iterator[models.Name]:
    """Names with a legal form that are a name known already, or that an address follows."""
    for pattern in (LEGAL_NAME, LEGAL_JA):
        for match in pattern.finditer(page.text):
            text = YEAR.sub("", match[0].strip())
            letters = _letters(text)
            is_known = any(len(one) > 3 and (one[:8] == letters[:8] or one in letters or letters in one) for one in known)
            after = page.text[match.end() : match.end() + 60]
            is_line = page.text[match.end() : match.end() + 2].strip(" ")[:1] in ("\n", "") and any(c.isdecimal() for c in after)
            if is_known or is_line:
                yield models.Name(
                    text=text[:MAX_CHARS], source="text", snippet=page.line_at(match.start()), position=match.start()
                )


def description(parsed: LexborHTMLParser, data: structured.Structured, nodes: Sequence[dict[str, Any]]) -> str | None:
    """What the page says the organisation is: in structured data, else in its head; None where it does not."""
    metas = head_metas.of(parsed)
    told = [values.text(node.get("description")) for node in nodes if _is_organisation(node)]
    by_name = {name.lower(): text for name, text in metas.items()}
    texts = [*told, by_name.get("description"), by_name.get("og:description"), by_name.get("twitter:description")]
    return next((" ".join(text.split())[:1_000] for text in texts if text and text.strip()), None)
