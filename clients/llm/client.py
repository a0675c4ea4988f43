"""A language model that is asked: one call for words, one or two for an answer that keeps to a schema."""

from dataclasses import replace
from typing import Any

import config
import errors
from clients.llm import answers, calls, prices
from clients.llm.calls import Called, Line
from clients.llm.messages import Reply, Request
from parsing import json_schema

LOOK_TIMEOUT_S = 10.0

#: More characters than a problem that is named in a repair has.
PROBLEM_CHARS = 400


class Client:
    """A model at one address with one key. Safe for any number of threads, and across a fork."""

    def __init__(self, line: Line, settings: config.Settings) -> None:
        self.line, self._settings = line, settings

    def __repr__(self) -> str:
        return f"<Client {self.line.wire.name} {self.line.where}>"

    @property
    def model(self) -> str:
        """LLM_MODEL."""
        return self.line.model

    @property
    def price(self) -> prices.Priced:
        """What the model costs. Raises ConfigError where nobody knows."""
        return prices.of(self._settings, self.line.base_url, self.line.model)

    def bound_micro_usd(self, request: Request) -> int:
        """The most that `ask` can cost: a token has at least one byte, and a repair asks everything again.

        Raises ConfigError for a model without a known price, ArgumentError for a schema that is none.
        """
        price, once, most = self.price, calls.most_tokens(request), self._bounded(request).max_tokens
        if request.schema is None:
            return price.of_tokens(once, most)
        json_schema.check(request.schema)
        again = 4 * answers.MAX_ANSWER_CHARS + json_schema.MAX_PROBLEMS * PROBLEM_CHARS
        return price.of_tokens(2 * once + again, 2 * most)

    def ask(self, request: Request) -> Reply:
        """The answer. Raises ConfigError, BadToken, OutOfCredits, ProviderBusy, NetworkError, DataError or BadAnswer.

        `cost_micro_usd` of an error says what was paid all the same; where nobody knows, it is the most that it can be.
        """
        bounded = self._bounded(request)
        if request.schema is None:
            called = calls.call(self.line, bounded, self.price)
            _refuse_empty(self.line, called, called.cost_micro_usd)
            return _reply(self.line, [called], None)
        json_schema.check(request.schema)
        return self._of_schema(bounded, request.schema)

    def look(self) -> str:
        """Ask which models there are, which is free; says whether ours is among them. Raises as `ask` does."""
        got = calls.send(self.line, "GET", "models", None, min(LOOK_TIMEOUT_S, self.line.timeout_s))
        ids, name = _models(got.told), self.line.model
        if not ids:
            return f"{self.line.base_url} answers"
        if {name, f"{name}:latest"} & set(ids):
            return f"{self.line.base_url} has {name}"
        return f"{self.line.base_url} answers. Warning: {name} is not among the {len(ids)} models that it lists: see LLM_MODEL"

    def _bounded(self, request: Request) -> Request:
        return replace(request, max_tokens=max(1, min(request.max_tokens, self._settings.llm_max_tokens)))

    def _of_schema(self, request: Request, schema: Any) -> Reply:
        """An answer that keeps to the schema, mended once."""
        first = calls.call(self.line, request, self.price)
        wrong = answers.problems(first.answer, schema)
        if not wrong:
            return _reply(self.line, [first], answers.data_of(first.answer, schema))
        paid = first.cost_micro_usd
        _refuse_empty(self.line, first, paid)
        if first.answer.is_cut_off:
            raise _bad(self.line, f"its answer was cut off at {request.max_tokens} tokens: raise LLM_MAX_TOKENS", paid)
        try:
            second = calls.call(self.line, answers.mending(request, first.answer, wrong), self.price)
        except errors.TrawlError as exc:
            exc.cost_micro_usd += paid
            raise
        paid += second.cost_micro_usd
        if still := answers.problems(second.answer, schema):
            raise _bad(self.line, f"its answer does not keep to the schema, mended or not: {'; '.join(still)[:300]}", paid)
        return _reply(self.line, [first, second], answers.data_of(second.answer, schema))


def _refuse_empty(line: Line, called: Called, paid: int) -> None:
    answer = called.answer
    if answer.refusal is not None:
        raise _bad(line, f"it refuses to answer: {' '.join(answer.refusal.split())[:200]}", paid)
    if not answer.text.strip() and answer.data is None:
        why = " within its tokens: raise LLM_MAX_TOKENS" if answer.is_cut_off else ""
        raise _bad(line, f"it said nothing{why}", paid)


def _bad(line: Line, why: str, paid: int) -> errors.BadAnswer:
    problem = errors.BadAnswer(f"{line.where}: {why}")
    problem.cost_micro_usd = paid
    return problem


def _reply(line: Line, called: list[Called], data: Any) -> Reply:
    last = called[-1].answer
    return Reply(
        text=last.text,
        data=data,
        model=last.model or line.model,
        input_tokens=_sum([one.answer.usage.all_input for one in called]),
        output_tokens=_sum([one.answer.usage.output_tokens for one in called]),
        cost_micro_usd=sum(one.cost_micro_usd for one in called),
        is_cut_off=last.is_cut_off,
        request_id=str(last.request_id)[:200] if last.request_id else None,
        elapsed_s=sum(one.elapsed_s for one in called),
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if len(known) == len(counts) else None


def _models(told: Any) -> list[str]:
    found = told.get("data") if isinstance(told, dict) else None
    listed = found if isinstance(found, list) else []
    return [str(one.get("id") or one.get("name")) for one in listed if isinstance(one, dict)]
