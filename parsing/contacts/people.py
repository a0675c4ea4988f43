"""People of a page and what they do there: structured data, hCard, and text that names a person beside a role."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import models
from parsing import regexes
from parsing.contacts import values
from parsing.contacts.cards import Card
from parsing.contacts.page_text import PageText

MAX_LINE, MAX_ROLE = 160, 80
TITLES = r"(?:Dr|Prof|Rev|Mrs?|Ms|Miss|Sir|Hon|Frau|Herr|Dipl|Mag|Ing|Dott(?:\.?ssa)?|Ing|Avv|Mme|M|Sr|Sra|Dña|Dhr|Mevr)\.? "
WORD = r"[A-ZÀ-ÖØ-ÞŁŚŻČŠŽ](?:[^\W\d_]|['’](?=[^\W\d_])){1,20}(?:-[A-ZÀ-Þ][^\W\d_]{1,20})?"
SMALL = r"(?:von|van|de|der|den|del|della|di|da|dos|du|la|le|ten|ter|zu|bin|al|el|St\.)"
NAME = (
    rf"(?:{TITLES}){{0,2}}{WORD}(?: (?:[A-Z]\.|\"\w{{2,12}}\"|{SMALL})){{0,2}}(?: {WORD}){{1,2}}(?:,? (?:Jr|Sr|II"
    rf"|III|M\.?D|Ph\.?D|DDS|DMD|Esq|CPA|MBA|RN|MSc|BSc)\b\.?){{0,2}}"
)
ROLE_WORDS = (
    r"director|manager|president|ceo|cfo|coo|cto|cmo|cio|vp|evp|svp|chief [a-z]+ officer|owner|founder"
    r"|co-?founder|partner|principal"
    r"|chair(?:man|woman|person)?|secretary|treasurer|mayor|vice mayor|council ?member|superintendent|supervisor"
    r"|coordinator|administrator"
    r"|editor|attorney|lawyer|solicitor|architect|engineer|designer|consultant|agent|realtor|broker|technician"
    r"|specialist|assistant"
    r"|representative|officer|executive|head of [a-z]+|pastor|dentist|doctor|physician|therapist|psychologist"
    r"|teacher|instructor|coach"
    r"|curator|librarian|chef|accountant|developer|analyst|foreman|estimator|proprietor|managing [a-z]+|author"
    r"|photographer|artist|creator"
    r"|geschäftsführer(?:in)?|inhaber(?:in)?|vorstand(?:svorsitzende[r]?)?|prokurist(?:in)?|leiter(?:in)?"
    r"|ansprechpartner(?:in)?|vertreten durch"
    r"|rechtsanw[aä]lt(?:in)?|steuerberater(?:in)?|inhaltlich verantwortlich|verantwortlich|gérante?|directeur"
    r"|directrice|président(?:e)?|fondat(?:eur|rice)"
    r"|responsable|directora?|gerente|administrador(?:a)?|fundador(?:a)?|propietari[oa]|titular|president[ea]"
    r"|direttore|direttrice|titolare"
    r"|amministratore(?: delegato| unico)?|fondatore|responsabile|eigenaar|directeur-eigenaar|bestuurder|oprichter|zaakvoerder"
)
ROLE = regexes.late(rf"(?<![\w-])(?:{ROLE_WORDS})(?![\w-])", re.IGNORECASE)
ROLE_JA = regexes.late(
    r"(?P<role>代表取締役(?:社長|会長)?|代表者(?:名)?|取締役|社長|店長|院長|所長|責任者)[\s:：]{0,3}"
    r"(?P<name>[一-龥]{1,4}[ 　]?[一-龥ぁ-ん]{1,4})(?![一-龥])"
)
NAME_FIRST = regexes.late(
    rf"\W{{0,3}}(?P<name>{NAME})(?P<gap>\s{{0,2}}(?:[,–—|\t(/]|-(?= )|:)\s{{0,2}}|$)(?P<rest>.{{0,{MAX_ROLE}}})"
)
ROLE_FIRST = regexes.late(rf"(?P<role>[^\n:\t]{{2,50}}?)\s?[:\t]\s{{0,2}}(?P<name>{NAME})(?=$|[\s,;(])")
#: One more named behind the first of a role: `Geschäftsführer: Ada Roe (CEO), Max Doe und Eva Poe`.
FURTHER = regexes.late(
    rf"(?:\s?\([^()]{{1,40}}\))?\s{{0,2}}(?:[,/;&]|und|and|et|y|e)\s{{1,2}}(?P<name>{NAME})"
    r"(?=\s{0,2}(?:$|[,;/&(.]|(?:und|and|et|y|e) ))"
)
#: Words of an imprint that begin as names do.
OFFICES = regexes.late(
    r"\b(?:Amts|Register|Land|Handels|Finanz)(?:gericht|amt|register)\b|\b(?:Sitz|Stadt|Telefax|Mobil|Steuer|Umsatz\w*|HR[AB])\b"
    r"|^(?:Bad|Sankt|New|Los|San|Las|Santa|São) "
)
PROSE = regexes.late(r"\b(?:our|your|the|an?|is|are|was|to|we|you|my|i|it|that|who|has|have)\b", re.IGNORECASE)
DOCTOR = regexes.late(rf"(?<!\w)Dr\.? {WORD}(?: [A-Z]\.)?(?: {WORD}){{0,2}}")
#: Words of names of companies, departments and headings, which look like names of people.
NO_NAME = regexes.late(
    r"\b(?:Inc|LLC|Ltd|GmbH|Company|Corp|Group|Services?|Department|Office|Center|Centre|School|University"
    r"|College|Hospital|Church|Street|Road"
    r"|Avenue|Contact|About|Home|Us|Our|Your|The|Customer|Sales|Support|Privacy|Policy|Terms|News|Events?"
    r"|Products?|Online|Shop|Store|Hours|Phone"
    r"|Email|Fax|Address|Click|Read|More|View|New|Board|Team|Staff|Members?|Directors?|Manager|President|Officer"
    r"|Public|Human|Resources|Media"
    r"|Marketing|General|Information|Technology|Business|Management|Design|Web|Site|Free|Call|Send|Message|City"
    r"|County|State|North|South|East"
    r"|West|United|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|June"
    r"|July|August|September|October"
    r"|November|December|Kontakt|Impressum|Vertreten|Telefon|Straße|Account|Executive|Assistant|Head|Chief|Vice"
    r"|Senior|Project|Art|Creative|Managing)\b"
    r"|(?:straße|strasse|platz)\b"
)


def of(page: PageText, nodes: Sequence[dict[str, Any]], found_cards: Sequence[Card]) -> list[models.Person]:
    """Each person once, structured data first. A role in the text is as it is written."""
    return values.once([*_in_data(nodes), *_in_cards(found_cards, page), *in_text(page)], lambda one: one.name.casefold())


def _in_data(nodes: Sequence[dict[str, Any]]) -> Iterator[models.Person]:
    for node in nodes:
        name = values.text(node.get("name"))
        if name and "Person" in (node.get("@type") or ()):
            role = values.text(node.get("jobTitle"))
            yield models.Person(name=name[:100], role=role and role[:MAX_ROLE], source=values.DATA, snippet=name[:200])


def _in_cards(found: Sequence[Card], page: PageText) -> Iterator[models.Person]:
    """The name of a card is a person's where it has a role, or an organisation of another name."""
    for card in found:
        name, role, at = card.parts.get("fn"), card.parts.get("role"), card.mark.start
        if name and (role or card.parts.get("org", name).casefold() != name.casefold()):
            yield models.Person(
                name=name[:100], role=role and role[:MAX_ROLE], source="markup", snippet=page.line_at(at), position=at
            )


def in_text(page: PageText) -> Iterator[models.Person]:
    """The people of a text.

    >>> [(one.name, one.role) for one in in_text(PageText("Ada Lovelace, Managing Director\\nInhaber: Karl Müller\\nRed"))]
    [('Ada Lovelace', 'Managing Director'), ('Karl Müller', 'Inhaber')]
    """
    lines = page.text.split("\n")
    begin = 0
    for number, line in enumerate(lines):
        if 4 <= len(line) <= MAX_LINE:
            after = lines[number + 1] if number + 1 < len(lines) else ""
            for name, role in _people(line.strip(), after.strip()):
                place = begin + max(line.find(name), 0)
                yield models.Person(name=name, role=role, source="text", snippet=page.line_at(place), position=place)
        begin += len(line) + 1


def _is_role(text: str) -> bool:
    """Whether a text is a role: its first part begins or ends with the word of one.

    >>> _is_role("Managing Director, Europe"), _is_role("Head of Sales"), _is_role("Ask our agent for a list")
    (True, True, False)
    """
    part = re.split(r"[,;/|(–—]|\s-\s| (?:of|at|for|and|der|des|de|du|di|van) ", text.strip(" -"), maxsplit=1)[0].strip(" .:")
    spans = [match.span() for match in ROLE.finditer(part)] or [match.span() for match in ROLE.finditer(text[:30])]
    return len(part.split()) <= 6 and not PROSE.search(part) and any(start == 0 or end == len(part) for start, end in spans)


def _further(line: str, at: int, role: str) -> Iterator[tuple[str, str | None]]:
    while (match := FURTHER.match(line, at)) and not (NO_NAME.search(match["name"]) or OFFICES.search(match["name"])):
        yield match["name"].strip(), role
        at = match.end("name")


def _people(line: str, after: str) -> Iterator[tuple[str, str | None]]:
    if match := ROLE_JA.search(line):
        yield match["name"], match["role"]
    match = NAME_FIRST.match(line)
    if match and not NO_NAME.search(match["name"]):
        rest = match["rest"].strip(" )|,;")
        if match["gap"].strip() and _is_role(rest):
            yield match["name"].strip(), rest[:MAX_ROLE]
            return
        if match.end("name") == len(line) and len(after) <= MAX_ROLE and _is_role(after) and len(after.split()) <= 8:
            yield match["name"].strip(), after
            return
    match = ROLE_FIRST.search(line)
    if match and _is_role(match["role"]) and not NO_NAME.search(match["name"]):
        yield match["name"].strip(), match["role"].strip(" ,")
        yield from _further(line, match.end("name"), match["role"].strip(" ,"))
        return
    for doctor in DOCTOR.finditer(line):
        if not NO_NAME.search(doctor[0]):
            yield doctor[0], None
