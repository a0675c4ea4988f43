"""One call to a model: asked in the way that its server takes, and tried again where that is free.

Free are a busy server (429, 503, 529), a way of asking for a schema that it refuses, an unknown name of a limit, and a system
prompt that the model has no place for.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr

import clock
import errors
from clients.llm import answers, exchange, fault_words, faults, prices, waits
from clients.llm.messages import Answer, Request, Usage
from clients.llm.protocols import Wire

FREE_RETRIES = 2
RETRY_WAIT_S = 0.5  # before the first retry where the server names no time; doubles, plus full jitter
LONGEST_WAIT_S = 10.0  # a server that asks for more is left to the caller
SHORTEST_TRY_S = 0.5

#: What a call costs besides its texts: names, roles, the prompt that servers add for a tool (tokens).
OVERHEAD, OF_MESSAGE = 1000, 20

NO_ANSWER = "sent something else than an answer: see LLM_API and LLM_BASE_URL"

#: How each server wants to be asked, learnt from its refusals: by base URL, model and what is asked.
_learnt: dict[tuple[str, str, str], str] = {}


@dataclass(frozen=True, slots=True)
class Line:
    """Where a model is reached, and what it costs."""

    wire: Wire
    base_url: str
    key: SecretStr | None
    model: str
    timeout_s: float

    def __repr__(self) -> str:
        return f"<Line {self.wire.name} {self.base_url} {self.model}>"

    @property
    def where(self) -> str:
        """The server and the model, for messages."""
        return f"{self.base_url} ({self.model})"


@dataclass(frozen=True, slots=True)
class Called:
    """An answer, its cost, and the seconds that it took."""

    answer: Answer
    cost_micro_usd: int
    elapsed_s: float


def most_tokens(request: Request) -> int:
    """More tokens than the texts of a request can have: a token has at least one byte.

    The schema counts three times: it may stand in the words as well, and again in a repair.
    """
    texts = [request.system, *(one.text for one in request.messages)]
    size = sum(len(text.encode("utf-8", "replace")) for text in texts) + OF_MESSAGE * len(request.messages)
    return size + OVERHEAD + (3 * len(json.dumps(request.schema)) if request.schema else 0)


def call(line: Line, request: Request, price: prices.Priced) -> Called:
    """One answer. Raises as `Client.ask` does; `cost_micro_usd` of an error is what was or may have been paid."""
    most = price.of_tokens(most_tokens(request), request.max_tokens)
    try:
        return _read(line, _in_a_way(line, request), price, most)
    except errors.TrawlError as exc:
        exc.cost_micro_usd = most if exc.cost_micro_usd else 0
        raise


def send(line: Line, method: str, what: str, sent: Mapping[str, Any] | None, timeout_s: float) -> exchange.Got:
    """The reply to a request, with at most two free retries inside one deadline. Raises as `Client.ask` does."""
    key = line.key.get_secret_value().strip() if line.key else ""
    ends_at = clock.monotonic() + timeout_s
    for attempt in range(FREE_RETRIES + 1):
        left_s = max(SHORTEST_TRY_S, ends_at - clock.monotonic())
        got = exchange.send(method, line.wire.url(line.base_url, what), line.wire.headers(key, line.base_url), sent, left_s)
        problem = got if isinstance(got, errors.TrawlError) else _problem(line, got)
        if problem is None and isinstance(got, exchange.Got):
            return got
        wait_s = _wait_s(got, attempt)
        in_time = wait_s <= LONGEST_WAIT_S and clock.monotonic() + wait_s + SHORTEST_TRY_S <= ends_at
        if not isinstance(problem, errors.ProviderBusy) or attempt == FREE_RETRIES or not in_time:
            break
        clock.wait(wait_s)
    assert problem is not None
    raise problem


def _in_a_way(line: Line, request: Request) -> exchange.Got:
    """The reply, asked in the strictest way that the server takes."""
    if request.schema is None:
        return _in_limit(line, request, "")
    known = _learnt.get((line.base_url, line.model, "way"), line.wire.ways[0])
    ways = line.wire.ways[line.wire.ways.index(known) :]
    for way in ways:
        try:
            got = _in_limit(line, answers.wrapped(request, way), way)
        except faults.WayRefused:
            if way == ways[-1]:
                raise
            continue
        _learnt[line.base_url, line.model, "way"] = way
        return got
    raise AssertionError("a protocol has at least one way")


def _in_limit(line: Line, request: Request, way: str) -> exchange.Got:
    """The reply; where the model takes no system prompt, it stands before the first message."""
    if _learnt.get((line.base_url, line.model, "system")):
        return _bounded(line, _without_system(request), way)
    try:
        return _bounded(line, request, way)
    except faults.SystemRefused:
        if not request.system:
            raise
    got = _bounded(line, _without_system(request), way)
    _learnt[line.base_url, line.model, "system"] = "in the words"
    return got


def _without_system(request: Request) -> Request:
    first, *rest = request.messages
    text = f"{request.system}\n\n{first.text}" if request.system else first.text
    return replace(request, system="", messages=(replace(first, text=text), *rest))


def _bounded(line: Line, request: Request, way: str) -> exchange.Got:
    """The reply, with the most tokens given under the name that the server knows."""
    names = line.wire.limits(line.base_url)
    known = _learnt.get((line.base_url, line.model, "limit"), names[0])
    timeout_s = request.timeout_s or line.timeout_s
    try:
        return send(line, "POST", "chat", line.wire.body(request, line.model, way, known), timeout_s)
    except errors.DataError as exc:
        other = next((name for name in names if name != known), None)
        if other is None or known not in str(exc):
            raise
    got = send(line, "POST", "chat", line.wire.body(request, line.model, way, other), timeout_s)
    _learnt[line.base_url, line.model, "limit"] = other
    return got


def _read(line: Line, got: exchange.Got, price: prices.Priced, most: int) -> Called:
    """The answer in a reply, and its cost: at least what the server says, and the most that it can be where it does not count.

    So a gateway on this machine, whose price is taken to be 0, costs what it tells.
    """
    try:
        answer = line.wire.answer(got.told, got.headers)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise _no_answer(line) from None
    told = answer.usage.told_micro_usd
    if (answer.text or answer.data) and answer.usage.output_tokens == 0:
        answer = replace(answer, usage=Usage())
    cost = price.of(answer.usage)
    return Called(answer, max(told, most if cost is None and not told else cost or 0), got.elapsed_s)


def _problem(line: Line, got: exchange.Got) -> errors.TrawlError | None:
    found = faults.fault(got.status, got.told)
    if found is not None:
        problem = faults.error(found, got.headers, line.where, exchange.without(line.key, found.words))
        return exchange.maybe_paid(problem) if found.status in fault_words.GIVEN_UP else problem
    return _no_answer(line) if got.told is None else None


def _no_answer(line: Line) -> errors.TrawlError:
    return exchange.maybe_paid(errors.NetworkError(f"{line.where} {NO_ANSWER}"))


def _wait_s(got: exchange.Got | errors.TrawlError, attempt: int) -> float:
    asked_s = waits.of_headers(got.headers) if isinstance(got, exchange.Got) else None
    if asked_s is None and isinstance(got, exchange.Got) and (found := faults.fault(got.status, got.told)):
        asked_s = found.wait_s
    return RETRY_WAIT_S * 2**attempt * (1 + random.random()) if asked_s is None else asked_s
