"""What a server says when it does not answer: the error to raise, and whether another try can help.

Anthropic sends `{"type": "error", "error": {"type", "message"}}`, OpenAI `{"error": {"message", "type", "code"}}`, FastAPI
`detail`, Ollama `{"error": "words"}`. OpenRouter and gateways send an error inside a 200 too.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import errors
from clients.llm import fault_words, waits

WORDS_CHARS = 300
LONGEST_WAIT_S = 3600


class WayRefused(errors.DataError):
    """A server does not take the way in which an answer of a schema was asked for; nothing was done for it."""


class SystemRefused(errors.DataError):
    """A model takes no system prompt; nothing was done for it."""


class Fault(NamedTuple):
    """What a server says went wrong; words are its own. `wait_s`: how long it asks to wait, None = it does not say."""

    status: int
    words: str
    wait_s: float | None = None


def fault(status: int, told: Any) -> Fault | None:
    """The error in a reply; None where it is none. `told`: its JSON, None where it has none."""
    said = _error(told)
    if 200 <= status < 300 and said is None:
        return None
    said = said or {}
    names = [said.get(name) for name in ("code", "type", "status")]
    names = [name.lower() if isinstance(name, str) else name for name in names]
    meant = next((fault_words.MEANS[name] for name in names if isinstance(name, str) and name in fault_words.MEANS), None)
    if isinstance(code := said.get("code"), int | str) and str(code).isdecimal() and 400 <= int(code) < 600:
        meant = meant or int(code)
    words = _words(said)
    asked_s = waits.of_error(said, words)
    if 200 <= status < 300:
        status = meant or next((code for word, code in fault_words.SAID.items() if word in words.lower()), 500)
    elif meant and any(name in fault_words.SAYS_MORE for name in names):
        status = meant
    if (
        status in (400, 403, 429)
        and any(word in words.lower() for word in fault_words.CREDIT_WORDS)
        and not (status == 429 and asked_s)
    ):
        status = 402  # who says when to come again is only busy
    if status == 400 and any(word in words.lower() for word in fault_words.KEY_WORDS):
        status = 401
    return Fault(status, words, asked_s)


def _words(said: Mapping[str, Any]) -> str:
    """What an error says, and what the provider behind a gateway says."""
    about = said.get("metadata")
    raw = about.get("raw") if isinstance(about, Mapping) else None
    return " ".join(f"{said.get('message') or said.get('detail') or ''} {raw if isinstance(raw, str) else ''}".split())


def error(found: Fault, headers: Mapping[str, str], where: str, words: str) -> errors.TrawlError:
    """The error to raise. `words`: those of the server without secrets; `where`: the base URL and the model."""
    status, said = found.status, f": {words[:WORDS_CHARS]}" if words else ""
    if (refused := _refused(found, where, said)) is not None:
        return refused
    if status in fault_words.OF_WAY and any(word in found.words.lower() for word in fault_words.ABOUT_WAY):
        return WayRefused(f"{where} does not take the schema ({status}){said}")
    if status in (400, 422, 500) and any(word in found.words.lower() for word in fault_words.ABOUT_SYSTEM):
        return SystemRefused(f"{where} does not take a system prompt ({status}){said}")
    if status in fault_words.BUSY:
        busy = errors.ProviderBusy(f"{where} is busy ({status}); it is tried again{said}")
        busy.retry_after_s = max(1, min(LONGEST_WAIT_S, round(waits.of_headers(headers) or found.wait_s or busy.retry_after_s)))
        return busy
    if status == 401:
        return errors.BadToken(f"{where} refuses the key ({status}): correct LLM_API_KEY{said}")
    if status == 402:
        return errors.OutOfCredits(f"{where} has no credits left for us: see the account of LLM_API_KEY{said}")
    if status in (403, 404, 405) or 300 <= status < 400:
        return errors.ConfigError(
            f"{where} has nothing for us ({status}): see LLM_BASE_URL, LLM_API, LLM_MODEL, LLM_API_KEY{said}"
        )
    if 400 <= status < 500 and status not in (408, 409, 425):
        return errors.DataError(f"{where} does not take the request ({status}){said}")
    return errors.NetworkError(f"{where} failed ({status}){said}")


def _refused(found: Fault, where: str, said: str) -> errors.DataError | None:
    """The error for a request that the model cannot take, or may not; None for any other."""
    text = found.words.lower()
    if found.status in (400, 413, 422) and any(word in text for word in fault_words.TOO_LONG):
        return errors.DataError(
            f"{where} cannot take so much ({found.status}): lower LLM_MAX_TOKENS, or take a model with a longer context{said}"
        )
    if found.status in (400, 403) and any(word in text for word in fault_words.FILTERED):
        return errors.DataError(f"A content filter before {where} refuses the text ({found.status}){said}")
    return None


def _error(told: Any) -> Mapping[str, Any] | None:
    """The part of a reply that tells of an error."""
    if isinstance(told, list) and len(told) == 1:  # as Google sends it
        told = told[0]
    if not isinstance(told, Mapping):
        return None
    choices = told.get("choices")
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
    for one in (told.get("error"), first.get("error")):
        if isinstance(one, Mapping) and one:
            return one
        if isinstance(one, str) and one:
            return {"message": one, "code": told.get("code"), "type": told.get("type")}
    if told.get("type") == "error" or told.get("object") == "error":
        return told
    words = told.get("detail") or told.get("message")
    if isinstance(words, Mapping) and "content" in words:  # an answer of another protocol
        return None
    return {"message": words} if words and not {"choices", "content", "data"} & set(told) else None
