"""Chat completions of OpenAI, and of the many servers that speak them: Ollama, vLLM, OpenRouter … (read 2026-11)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from clients.llm import protocols
from clients.llm.messages import Answer, Request, Usage

#: Why an answer ended too soon, and why it was stopped, as servers that speak this protocol say it.
CUT_OFF = frozenset({"length", "max_tokens", "model_length", "error"})
FILTERED = ("content_filter", "safety", "recitation", "prohibited_content", "blocklist", "spii")

#: Azure's hosts, the headers in which it and its API Management read a key, how a token of its log-in begins, and a deployment.
AZURE_HOSTS = (".azure.com", ".azure.us", ".azure.cn", ".azure-api.net")
AZURE_HEADERS = ("api-key", "Ocp-Apim-Subscription-Key")
TOKEN = "eyJ"
DEPLOYMENT = re.compile(r"/deployments/[^/?#]+/models(?=$|[?#])")

#: The port of Ollama, and the routes of its own protocol, which people copy: chat completions are below `/v1`.
OLLAMA_PORT, OLLAMA_ROUTES = 11434, ("/api", "/api/chat", "/api/generate", "/api/tags")


def is_azure(base_url: str) -> bool:
    """Whether a base is Azure's, or a gateway's that passes it on under a name of its own.

    >>> is_azure("https://x.openai.azure.com/openai/v1"), is_azure("https://ai.corp.example/openai/deployments/gpt")
    (True, True)
    >>> is_azure("https://api.openai.com/v1")
    False
    """
    parts = urlsplit(base_url.strip())
    return (parts.hostname or "").endswith(AZURE_HOSTS) or "/deployments/" in parts.path or "api-version=" in parts.query


class OpenAI:
    """A schema is asked for as a response format; servers that refuse it are asked for any JSON, then by words alone."""

    name = "openai"
    default_url = "https://api.openai.com/v1"
    ways: tuple[str, ...] = ("json_schema", "json_object", "plain")

    def url(self, base_url: str, what: str) -> str:
        """Below the base as it is given; below its version where it has no path, or that of Ollama's own protocol.

        Azure lists models beside deployments.
        """
        parts = urlsplit(base_url.strip())
        if parts.netloc.endswith(f":{OLLAMA_PORT}") and parts.path.rstrip("/") in OLLAMA_ROUTES:
            base_url = urlunsplit(parts._replace(path=""))
        version = "openai/v1" if is_azure(base_url) else "v1"
        if what == "chat":
            return protocols.below(base_url, "chat/completions", version)
        return DEPLOYMENT.sub("/models", protocols.below(base_url, "models", version))

    def headers(self, key: str, base_url: str) -> dict[str, str]:
        """A bearer token; Azure and gateways in front of it read a key in headers of their own, and a token as a bearer's."""
        if key and is_azure(base_url) and not key.startswith(TOKEN):
            return dict.fromkeys(AZURE_HEADERS, key)
        return {"Authorization": f"Bearer {key}"} if key else {}

    def limits(self, base_url: str) -> tuple[str, ...]:
        """OpenAI has renamed it; others know the old name alone, and would not bound an answer under the new one."""
        names = ("max_tokens", "max_completion_tokens")
        return names[::-1] if (urlsplit(base_url).hostname or "").endswith("openai.com") else names

    def body(self, request: Request, model: str, way: str, limit: str) -> dict[str, Any]:
        """The system prompt is the first message."""
        system = [{"role": "system", "content": request.system}] if request.system else []
        messages = [{"role": one.role, "content": one.text} for one in request.messages]
        body: dict[str, Any] = {"model": model, limit: request.max_tokens, "messages": [*system, *messages]}
        if way == "json_schema":
            body["response_format"] = {"type": way, "json_schema": {"name": protocols.NAME, "schema": request.schema}}
        elif way == "json_object":
            body["response_format"] = {"type": way}
        return body

    def answer(self, told: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """The first choice."""
        choice = told["choices"][0]
        message, why = choice["message"], choice.get("finish_reason")
        content, used = message.get("content"), told.get("usage")
        used = used if isinstance(used, Mapping) else {}
        text = _text(content)
        refusal = message.get("refusal")
        why = why.lower() if isinstance(why, str) else ""
        if why.startswith(FILTERED) and not refusal:
            refusal = "its content filter stopped it"
        return Answer(
            text=text,
            data=content if isinstance(content, dict) else _called(message),
            model=str(told.get("model") or ""),
            usage=replace(_usage(used), told_micro_usd=protocols.told_cost(used, headers)),
            is_cut_off=why in CUT_OFF,
            refusal=str(refusal) if refusal else None,
            request_id=headers.get("x-request-id") or told.get("id"),
            thoughts=_text(message.get("reasoning_content")) or _text(message.get("reasoning")),
        )


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(one.get("text") or "") for one in content if isinstance(one, Mapping))
    return content if isinstance(content, str) else ""


def _called(message: Mapping[str, Any]) -> Any:
    """What a function was called with, where a gateway asks for a schema by one; None where none was."""
    calls = message.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls and isinstance(calls[0], Mapping) else {}
    function = first.get("function") or message.get("function_call")
    return function.get("arguments") or None if isinstance(function, Mapping) else message.get("parsed")


def _usage(used: Mapping[str, Any]) -> Usage:
    """`prompt_tokens` holds those of the cache, which are told apart beside it. Some gateways use the names of a later one."""
    cached = _detail(used, ("prompt_tokens_details", "input_tokens_details"), "cached_tokens")
    thought = _detail(used, ("completion_tokens_details", "output_tokens_details"), "reasoning_tokens")
    prompt = protocols.count(used.get("prompt_tokens", used.get("input_tokens")))
    if prompt is None or cached > prompt:
        cached = 0
    written = protocols.count(used.get("completion_tokens", used.get("output_tokens")))
    total = protocols.count(used.get("total_tokens"))
    if written is not None and thought > written:  # it left out what it thought
        written += thought
    if written is not None and total is not None and prompt is not None:
        written = max(written, total - prompt)  # some leave out what it thought, but not in the total
    return protocols.usage(None if prompt is None else prompt - cached, written, cached)


def _detail(used: Mapping[str, Any], names: tuple[str, ...], what: str) -> int:
    found = [details.get(what) for name in names if isinstance(details := used.get(name), Mapping)]
    return max((protocols.count(one) or 0 for one in found), default=0)
