"""One question to the language model: reserved before it is asked, settled after it, in all budgets that it counts for."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import config
import errors
import queues
from clients import llm
from topics import budgets

log = logging.getLogger("trawl.llm")

#: A reservation lasts so much longer (s) than the calls that it is for.
SPARE_S = 300.0

MAX_WHY_CHARS = 300


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a question. `reply` None: it is answered by rules. `note`: who answered, for the result of a job.

    `may_repeat`: what kept the answer away has to do with another question as well: no budget, no key, no server.
    """

    reply: llm.Reply | None
    note: dict[str, Any] = field(default_factory=dict)
    may_repeat: bool = False


def is_configured() -> bool:
    """Whether a model is asked. Raises ConfigError for settings that cannot work."""
    return llm.configured() is not None


def ask(request: llm.Request, *, purpose: str, scopes: Sequence[str] = ()) -> llm.Reply | None:
    """The answer of the model; None where none is configured.

    Raises NotNow where a budget is used up, and what `clients.llm.Client.ask` raises. What it cost all the same is settled: after
    a deadline or a broken answer nobody knows that, so it is the bound.
    """
    client = llm.configured()
    if client is None:
        return None
    bound, lease_s = client.bound_micro_usd(request), 4 * config.settings().llm_timeout + SPARE_S
    key = queues.current_job_id() or ""
    with budgets.reserved(*scopes, micro_usd=bound, purpose=f"llm:{purpose}", key=key, lease_s=lease_s) as held:
        held.ask()
        try:
            reply = client.ask(request)
        except errors.TrawlError as exc:
            held.settle(micro_usd=min(exc.cost_micro_usd, bound))
            raise
        except errors.Interruption:  # the server works on, and is paid
            held.settle(micro_usd=bound)
            raise
        held.settle(micro_usd=reply.cost_micro_usd)
    if reply.cost_micro_usd > bound:
        log.warning("A language model counts more tokens than it was allowed", extra={"model": reply.model, "bound": bound})
    figures = {"purpose": purpose, "model": reply.model, "cost_micro_usd": reply.cost_micro_usd, "request": reply.request_id}
    tokens = {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens}
    log.info("A language model answered", extra={**figures, **tokens, "took_s": round(reply.elapsed_s, 3)})
    return reply


def try_to_ask(request: llm.Request, *, purpose: str, scopes: Sequence[str] = (), parks: bool = False) -> Told:
    """The answer, or why rules have to do: no model, no budget, no answer. `parks`: without budget NotNow is raised instead."""
    try:
        reply = ask(request, purpose=purpose, scopes=scopes)
    except errors.NotNow as exc:
        if parks:
            raise
        return Told(None, {"by": "rules", "why": str(exc)[:MAX_WHY_CHARS]}, may_repeat=True)
    except errors.TrawlError as exc:
        paid = {"cost_micro_usd": exc.cost_micro_usd} if exc.cost_micro_usd else {}
        log.warning("A language model gave no answer: %s", exc, extra={"purpose": purpose})
        why = {"by": "rules", "why": str(exc)[:MAX_WHY_CHARS], **paid}
        return Told(None, why, may_repeat=not isinstance(exc, errors.DataError))
    return Told(reply, note(reply)) if reply else Told(None, {"by": "rules"})


def note(reply: llm.Reply) -> dict[str, Any]:
    """Who answered, and for how much."""
    told = {"by": "llm", "model": reply.model, "cost_micro_usd": reply.cost_micro_usd}
    return {**told, "input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens}
