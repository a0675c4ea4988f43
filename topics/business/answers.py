"""One question, answered from the pages of a site, or refused. Nothing is guessed, and no text of a page is an instruction.

What most businesses say of themselves comes from their contacts: mail, phone, address, hours, profiles, people. What is asked
besides comes from the sentence that says it, and only where the words of the question stand in it. Confidence:

high    said in the page's data or markup, or on two pages, and the question asked for nothing besides
medium  said in a text; or the words besides stand around it
low     the sentence has not all of the words
A mail address of another domain than the site's is one step less sure.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from parsing import placeholder_mails, questions, web_urls
from parsing.questions import Question
from topics.business import labels
from topics.business.evidence import LEAST_TELLING, Pages, Piece, may_tell

NOT_FOUND = "not found on the pages scraped"

#: What is known as contacts: the field, and the part of a contact that is the answer.
FIELDS = {
    "email": ("emails", "address"),
    "phone": ("phones", "written"),
    "fax": ("phones", "written"),
    "address": ("addresses", "written"),
    "hours": ("hours", "written"),
    "social": ("social", "url"),
}

YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b")
MONEY = re.compile(r"(?:[€$£¥]|\b(?:EUR|USD|GBP|CHF|SEK|DKK|NOK|PLN|CZK|Kč|zł|kr|euros?|Euro|dollars?|pounds?)\b)", re.IGNORECASE)
PERSON = re.compile(r"\b[^\W\d_a-zß-öø-ÿ][\w'’-]+ (?:[^\W\d_a-zß-öø-ÿ]\. ?|[a-z]{2,3} ){0,2}[^\W\d_a-zß-öø-ÿ][\w'’-]+")
VAT = re.compile(r"\b[A-Z]{2,3} ?[A-Z]?[0-9][0-9A-Z .-]{6,16}|\b[0-9]{8,11}\b")

#: What a sentence must hold to be an answer.
HOLDS: dict[str, re.Pattern[str]] = {
    "founded": YEAR,
    "price": MONEY,
    "owner": PERSON,
    "director": PERSON,
    "founder": PERSON,
    "vat": VAT,
}
ROLES = ("owner", "director", "founder")

SURE = ("structured data", "markup", "tel: link", "mailto: link", "hidden e-mail")

#: Tuned on one half of the sites of benchmarks/insights.py: the share of the words besides, by what they tell, that a sentence
#: and its passage must have; and from where on that is no low confidence.
LEAST_SHARE, FAIR_SHARE = 0.8, 0.95

#: A word that stands in the passage but not in the sentence counts so much.
NEAR = 0.6

MOST_PASSAGES, MOST_ALSO = 40, 5


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `text` is None where there is none. `also`: further ones of the same kind."""

    text: str | None
    confidence: str | None = None
    basis: str = ""
    citations: tuple[dict[str, Any], ...] = ()
    also: tuple[str, ...] = ()


NOTHING = Answer(None)


class Answerer:
    """Answers about one site (`topics.business.facts.of_site`)."""

    def __init__(self, site: Mapping[str, Any]) -> None:
        self.site, self.pages = site, Pages(site["pages"])
        self.own = [fact["text"] for fact in site["contacts"]["names"]] + [site["site"].split(".")[0], site["site"]]

    def answer(self, text: str) -> dict[str, Any]:
        """The answer to a question, as it is told."""
        asked = questions.read(text, self.own)
        found = self._answer(asked)
        told = {"question": text, "found": found.text is not None, "answer": found.text or NOT_FOUND}
        told |= {"confidence": found.confidence, "basis": found.basis or None, "citations": list(found.citations)}
        return told | {"also": list(found.also), "by": "rules", "why": None}

    def _answer(self, asked: Question) -> Answer:
        first = asked.wants[0] if asked.wants else ""
        if first in FIELDS:
            found = self._fields(asked, [wish for wish in asked.wants if wish in FIELDS])
            if first == "hours" and found.text and not set(asked.besides) <= set(questions.concepts(found.text)):
                said = self._said(asked, "")  # those of one day, where the hours that are known have not its words
                found = said if said.text and said.confidence != "low" else found
            return found if found.text else self._said(asked, first) if asked.besides else NOTHING
        if first == "contact":
            return self._fields(asked, ["phone", "email", "address"])
        if first in ROLES and (person := self._person(asked, first)).text:
            return person
        if first in HOLDS:
            return self._said(asked, first)
        if first == "about" and not asked.besides:
            return self._about()
        if first == "name" and not asked.besides:
            return self._name()
        return self._said(asked, "") if asked.besides else NOTHING

    def _fields(self, asked: Question, wishes: Iterable[str]) -> Answer:
        """What is asked for of contacts, each with its word where there are several; None where none of it is known."""
        found = [(wish, self._field(wish, asked)) for wish in wishes]
        known = [(wish, one) for wish, one in found if one.text]
        if len(found) == 1 or not known:
            return found[0][1]
        if asked.wants[:1] == ("contact",):
            found = known
        lines = [f"{wish}: {one.text or NOT_FOUND}" for wish, one in found]
        weakest = max((one.confidence or "low" for _, one in known), key=("high", "medium", "low").index)
        citations = tuple(cited for _, one in known for cited in one.citations)
        return Answer("\n".join(lines), weakest, "contacts", citations)

    def _field(self, wish: str, asked: Question) -> Answer:
        kind, part = FIELDS[wish]
        role = labels.role_of(asked.text, asked.wants, ROLES) if wish in labels.LABELLED else ""
        fitting = []
        for fact in self.site["contacts"][kind]:
            if wish in ("phone", "fax") and fact["kind"] != wish:
                continue
            if wish == "social" and not _is_network(asked, fact["network"]):
                continue
            if wish == "email" and placeholder_mails.is_one(fact["address"], self.site["domain"]):
                continue
            evidence = [one for one in fact["evidence"] if self._is_own(one) and self._fits(one, asked, wish)]
            evidence = [one for one in evidence if not role or labels.is_of(role, self.pages, one)]
            if evidence:
                fitting.append((fact, evidence))
        if not fitting:
            return NOTHING
        fitting.sort(key=lambda pair: (*labels.distance(self.pages, asked, wish, *pair), *self._rank(wish, *pair)))
        fact, evidence = fitting[0]
        cited = tuple(self.pages.cited_evidence(one) for one in evidence[:2])
        also = tuple(str(other[part]) for other, _ in fitting[1 : 1 + MOST_ALSO])
        return Answer(str(fact[part]), self._confidence(wish, fact, evidence, asked), f"field {wish}", cited, also)

    def _rank(self, wish: str, fact: Mapping[str, Any], evidence: list[dict[str, Any]]) -> tuple[bool, bool, int]:
        is_foreign = wish == "email" and not self._is_of_domain(fact["address"])
        return is_foreign, evidence[0]["source"] not in SURE, -len(evidence)

    def _confidence(self, wish: str, fact: Mapping[str, Any], evidence: list[dict[str, Any]], asked: Question) -> str:
        is_sure = evidence[0]["source"] in SURE or len({one["url"] for one in evidence}) > 1
        if wish == "email" and not self._is_of_domain(fact["address"]):
            return "medium" if is_sure else "low"
        return "high" if is_sure and not asked.besides else "medium"

    def _is_own(self, evidence: Mapping[str, Any]) -> bool:
        """Whether no words before a contact say that it is somebody else's, or not theirs any more."""
        if evidence["source"] in ("structured data", "meta"):
            return True
        before = self.pages.before(evidence) or evidence["snippet"]
        return not (questions.says("others", before) or questions.says("past", before))

    def _fits(self, evidence: Mapping[str, Any], asked: Question, wish: str) -> bool:
        if not asked.besides or wish == "social":
            return True
        return set(asked.besides) <= set(questions.concepts(self.pages.around(evidence)))

    def _is_of_domain(self, address: str) -> bool:
        return bool(web_urls.site_of(address.rpartition("@")[2].lower()) == self.site["domain"])

    def _person(self, asked: Question, wish: str) -> Answer:
        for fact in self.site["contacts"]["people"]:
            evidence = [one for one in fact["evidence"] if self._is_own(one) and self._fits(one, asked, wish)]
            if evidence and fact["role"] and questions.says(wish, fact["role"]):
                cited = tuple(self.pages.cited_evidence(one) for one in evidence[:2])
                return Answer(
                    f"{fact['name']} ({fact['role']})", "high" if not asked.besides else "medium", "field people", cited
                )
        return NOTHING

    def _about(self) -> Answer:
        told = self.site["description"]
        if told and len(told["text"]) >= LEAST_TELLING:
            page = self.pages.by_url.get(told["url"], 0)
            return Answer(told["text"], "high", "field description", (self.pages.cited(page, told["text"], None),))
        if lead := self.pages.lead(self.own):
            return self._quoted(lead, "medium")
        query = dict.fromkeys([*questions.stems("self"), *(word for name in self.own for word in questions.concepts(name))], 1.0)
        telling = [piece for piece in self.pages.best(query, MOST_PASSAGES) if self._tells(piece)]
        return self._quoted(telling[0], "medium") if telling else NOTHING

    def _tells(self, piece: Piece) -> bool:
        is_place = self.site["pages"][piece.page]["kind"] in ("home", "about")
        is_sentence = len(piece.text) >= LEAST_TELLING and piece.text[-1] in ".!。"
        return is_place and is_sentence and questions.says("self", piece.text) and may_tell(piece.text)

    def _name(self) -> Answer:
        for fact in self.site["contacts"]["names"][:1]:
            cited = tuple(self.pages.cited_evidence(one) for one in fact["evidence"][:2])
            return Answer(fact["text"], "high" if fact["evidence"][0]["source"] in SURE else "medium", "field name", cited)
        return NOTHING

    def _said(self, asked: Question, wish: str) -> Answer:
        """The sentence that has the words of the question, and what an answer must hold."""
        query = dict.fromkeys(asked.besides, 2.0) | (dict.fromkeys(questions.stems(wish), 1.0) if wish else {})
        may_be = _fitting(wish)
        best, chosen = (0.0, 0.0, 0.0), None
        for piece in self.pages.best(query, MOST_PASSAGES):
            share = self._share(asked.besides, piece)
            rank = (share, piece.score, -float(len(piece.text)))
            if share >= LEAST_SHARE and rank > best and may_be(piece.text) and not questions.says("others", piece.text):
                best, chosen = rank, piece
        if chosen is not None and chosen.text.rstrip().endswith("?"):
            chosen = self.pages.reply(chosen)
        return self._quoted(chosen, "medium" if best[0] >= FAIR_SHARE else "low") if chosen else NOTHING

    def _share(self, besides: tuple[str, ...], piece: Piece) -> float:
        """How much of the words besides a sentence has, by what they tell; 1 where there are none."""
        weights = {word: self.pages.index.rarity(word) for word in besides}
        had = sum(w * (1.0 if word in piece.words else NEAR if word in piece.near else 0.0) for word, w in weights.items())
        return had / sum(weights.values()) if weights else 1.0

    def _quoted(self, piece: Piece, confidence: str) -> Answer:
        return Answer(piece.text, confidence, "sentence", (self.pages.cited(piece.page, piece.passage.text, piece.position),))


def _is_network(asked: Question, network: str) -> bool:
    known = ("facebook", "instagram", "linkedin", "twitter", "youtube", "tiktok")
    named = [one for one in known if one in asked.text.lower()]
    return not named or any(one in network.lower() for one in named)


def _fitting(wish: str) -> Callable[[str], bool]:
    holds = HOLDS.get(wish)
    return lambda text: (
        (holds is None or bool(holds.search(text))) and (not holds or wish == "price" or questions.says(wish, text))
    )
