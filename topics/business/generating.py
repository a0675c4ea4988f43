"""Answers in the words of a language model, from the passages that it is given and from nothing else.

What it says counts only where it can be seen to stand there: its quotes, figures, addresses, days and names. Else the answer by
rules stands, and says why. So a page that talks to the model can at most make it refuse. Sentences that do so are not passed on.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from parsing import grounding
from topics import llm
from topics.business import judging
from topics.business.answers import Answerer
from topics.business.retrieval import Source, sources

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

#: So many questions in a row that the model did not answer, and it is asked no more.
MOST_FAILURES = 2


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
        return judging.judged(self._answerer, told, given, asked.reply.data)

    def _request(self, question: str, given: Sequence[Source]) -> llm.Request:
        pages = self._answerer.pages.pages
        parts = [
            f"[{number}] {pages[one.page]['url']}\n{grounding.without_commands(one.text)}" for number, one in enumerate(given, 1)
        ]
        text = "\n\n".join(parts)
        data = llm.fenced(text, len(text))
        system = f"{SYSTEM.format(name=self._answerer.site['site'])}\n\n{data.rule}"
        return llm.Request((llm.Message("user", f"{data.text}\n\nThe question: {question}"),), system, ANSWER_TOKENS, SCHEMA)
