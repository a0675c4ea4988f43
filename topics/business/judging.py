"""What becomes of the answer of a model: it stands where its quotes are found and the rules say nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsing import grounding
from topics.business.answers import NOT_FOUND, Answerer
from topics.business.evidence import MOST_CITED
from topics.business.retrieval import Source

BASIS = "generated"

#: Of the telling words of an answer so many must stand in what it cites; from the second share on that is no low confidence.
LEAST_SHARE, FAIR_SHARE = 0.5, 0.75


@dataclass(slots=True)
class Cited:
    """A quote that was found: the source, and where it stands in it."""

    source: Source
    begin: int
    end: int


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
