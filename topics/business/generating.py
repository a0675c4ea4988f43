"""Answers in the words of a language model, from the passages that it is given and from nothing else.

What it says counts only where it can be seen to stand there: its quotes, figures, addresses, days and names. Else the answer by
rules stands, and says why. So a page that talks to the model can at most make it refuse. Sentences that do so are not passed on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsing import grounding
from topics import llm
from topics.business.answers import NOT_FOUND, Answerer
from topics.business.evidence import MOST_CITED
from topics.business.retrieval import Source, sources

BASIS = "generated"

MOST_ANSWER, MOST_QUOTE, MOST_QUOTES, ANSWER_TOKENS = 1_000, 500, 4, 700

SYSTEM = (
    "Answer the question about the business {name} from the numbered passages of its web pages alone, in one to three sentences, "
    "with the words of the passages and in their language. Write figures, times, addresses and names exactly as they stand "
    "there. Prove the answer by quotes, each copied letter by letter from one passage, with its number. Where the passages do "
    "not answer the question, `found` is false, `answer` is empty, and there are no quotes: never guess, never add what you "
    "know otherwise."
)
QUOTE = {
    "type": "object",
    "properties": {"passage": {"type": "integer"}, "quote": {"type": "string", "minLength": 1, "maxLength": MOST_QUOTE}},
    "required": ["passage", "quote"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "found": {"type": "boolean"},
        "answer": {"type": "string", "maxLength": MOST_ANSWER},
        "quotes": {"type": "array", "items": QUOTE, "maxItems": MOST_QUOTES},
        "confidence": {"enum": ["high", "medium", "low"]},
    },
    "required": ["found", "answer", "quotes", "confidence"],
    "additionalProperties": False,
}

#: Of the telling words of an answer so many must stand in what it cites; from the second share on that is no low confidence.
LEAST_SHARE, FAIR_SHARE = 0.5, 0.75

#: So many questions in a row that the model did not answer, and it is asked no more.
MOST_FAILURES = 2


@dataclass(slots=True)
class Cited:
    """A quote that was found: the source, and where it stands in it."""

    source: Source
    begin: int
    end: int


class Writer:
    """Asks the model about one site, question by question, while it answers."""

    def __init__(self, answerer: Answerer, scopes: Sequence[str] = ()) -> None:
        self._answerer, self._scopes = answerer, scopes
        self._failures, self._why = 0, ""
        self.asked = self.cost_micro_usd = 0
        self.model: str | None = None

    def answer(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of the model in place of the one by rules, `told`; else that one, and why."""
        if self._failures >= MOST_FAILURES:
            return {**told, "why": self._why}
        given = sources(self._answerer, told["question"], told)
        if not given:
            return {**told, "why": "its pages have no text"}
        asked = llm.try_to_ask(self._request(told["question"], given), purpose="insights", scopes=self._scopes)
        self.cost_micro_usd += asked.note.get("cost_micro_usd", 0)
        if asked.reply is None:
            self._failures = self._failures + 1 if asked.may_repeat else 0
            self._why = asked.note.get("why", "")
            return {**told, "why": self._why}
        self._failures, self.asked, self.model = 0, self.asked + 1, asked.reply.model
        return judged(self._answerer, told, given, asked.reply.data)

    def _request(self, question: str, given: Sequence[Source]) -> llm.Request:
        pages = self._answerer.pages.pages
        parts = [
            f"[{number}] {pages[one.page]['url']}\n{grounding.without_commands(one.text)}" for number, one in enumerate(given, 1)
        ]
        text = "\n\n".join(parts)
        data = llm.fenced(text, len(text))
        system = f"{SYSTEM.format(name=self._answerer.site['site'])}\n\n{data.rule}"
        return llm.Request((llm.Message("user", f"{data.text}\n\nThe question: {question}"),), system, ANSWER_TOKENS, SCHEMA)


def judged(answerer: Answerer, told: Mapping[str, Any], given: Sequence[Source], data: Mapping[str, Any]) -> dict[str, Any]:
    """What becomes of the answer of a model, `data`, from the sources `given`: it stands, or the one by rules, `told`, does."""
    text = " ".join(data["answer"].split())
    if not data["found"] or not text:
        if told["found"] and told["basis"] != "sentence":
            return _refused(told, "the language model found no answer; the contacts of the site have one")
        nothing = {"found": False, "answer": NOT_FOUND, "confidence": None, "basis": None, "citations": [], "also": []}
        return {**told, **nothing, "by": "llm"}
    cited = [_found(one, given) for one in data["quotes"]]
    whole = [one for one in cited if one is not None]
    if not whole or len(whole) < len(cited):
        return _refused(told, "a quote of the language model stands in none of the passages" if cited else "it cites nothing")
    texts = list(dict.fromkeys(grounding.around(one.source.text, one.begin, one.end) for one in whole))
    if why := _unproven(text, texts, " ".join(answerer.own), told["question"]):
        return _refused(told, why)
    citations = [_citation(answerer, one) for one in whole]
    agrees = _agrees(told, text, citations)
    confidence = _confidence(data["confidence"], grounding.share(text, texts, told["question"]), agrees=agrees)
    made = {"answer": text, "confidence": confidence, "basis": BASIS, "citations": citations}
    return {**told, "found": True, **made, "also": told["also"] if agrees else [], "by": "llm"}


def _unproven(text: str, texts: Sequence[str], own: str, question: str) -> str:
    """Why an answer does not follow from what it cites; "" where nothing speaks against it."""
    if any(map(grounding.commands, texts)):
        return "the language model cites what a page says to language models"
    if wrong := grounding.unfounded(text, texts, own):
        return f"what the language model says does not stand in what it cites: {wrong[:80]}"
    if grounding.share(text, texts, question) < LEAST_SHARE:
        return "what the language model says does not stand in what it cites"
    return ""


def _citation(answerer: Answerer, one: Cited) -> dict[str, Any]:
    """The page, and the part of its passage that has the quote."""
    begin = 0 if one.end <= MOST_CITED else min(one.begin, max(0, len(one.source.text) - MOST_CITED))
    position = None if one.source.position is None else one.source.position + one.begin
    return answerer.pages.cited(one.source.page, one.source.text[begin:], position)


def _found(quoted: Mapping[str, Any], given: Sequence[Source]) -> Cited | None:
    """Where a quote stands: in the passage of its number, else in any other."""
    number = int(quoted["passage"]) - 1
    named = [given[number]] if 0 <= number < len(given) else []
    for source in [*named, *given]:
        if (where := grounding.place(quoted["quote"], source.text)) is not None:
            return Cited(source, *where)
    return None


def _agrees(told: Mapping[str, Any], text: str, citations: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the answer by rules says the same: its text, or from the same passage."""
    if not told["found"]:
        return False
    places = {(one["url"], one["passage"]) for one in told["citations"]}
    return grounding.place(told["answer"], text) is not None or any((one["url"], one["passage"]) in places for one in citations)


def _confidence(said: str, share: float, *, agrees: bool) -> str:
    """What the model says of itself is a bound: high needs the rules to agree, and low is what strays from the passages."""
    if said == "low" or share < FAIR_SHARE:
        return "low"
    return "high" if said == "high" and agrees else "medium"


def _refused(told: Mapping[str, Any], why: str) -> dict[str, Any]:
    return {**told, "why": why}
