"""The messages of Anthropic (platform.claude.com/docs/en/api/messages; read 2026-11)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from clients.llm import protocols
from clients.llm.messages import Answer, Request

VERSION = "2023-06-01"
CUT_OFF = ("max_tokens", "model_context_window_exceeded")
TOOL = "Give the answer, in the form that is asked for."


class Anthropic:
    """A schema is asked for as a tool that has to be used."""

    name = "anthropic"
    default_url = "https://api.anthropic.com"
    ways: tuple[str, ...] = ("tool", "plain")

    def url(self, base_url: str, what: str) -> str:
        """`<base>/v1/messages`, `<base>/v1/models`."""
        whole = protocols.below(base_url, "messages" if what == "chat" else "models")
        path = urlsplit(whole).path
        base = path.rpartition("/")[0].removesuffix("/v1")
        return urlunsplit(urlsplit(whole)._replace(path=f"{base}/v1/{path.rpartition('/')[2]}"))

    def headers(self, key: str, base_url: str) -> dict[str, str]:
        """The key has a header of its own."""
        return {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}

    def limits(self, base_url: str) -> tuple[str, ...]:
        """One name."""
        return ("max_tokens",)

    def body(self, request: Request, model: str, way: str, limit: str) -> dict[str, Any]:
        """The system prompt stands beside the messages."""
        body: dict[str, Any] = {"model": model, limit: request.max_tokens}
        body["messages"] = [{"role": one.role, "content": one.text} for one in request.messages]
        if request.system:
            body["system"] = request.system
        if way == "tool":
            body["tools"] = [{"name": protocols.NAME, "description": TOOL, "input_schema": request.schema}]
            body["tool_choice"] = {"type": "tool", "name": protocols.NAME}
        return body

    def answer(self, told: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Texts are joined; thinking is left out."""
        if told.get("type", "message") != "message":
            raise ValueError(told.get("type"))
        blocks = [one for one in told["content"] if isinstance(one, Mapping)]
        text = "".join(str(one.get("text") or "") for one in blocks if one.get("type") == "text")
        data = next((one.get("input") for one in blocks if one.get("type") == "tool_use"), None)
        why, used = told.get("stop_reason"), told.get("usage")
        used = used if isinstance(used, Mapping) else {}
        cached = (used.get("cache_read_input_tokens"), used.get("cache_creation_input_tokens"))
        usage = protocols.usage(used.get("input_tokens"), used.get("output_tokens"), *cached)
        return Answer(
            text=text,
            data=data,
            model=str(told.get("model") or ""),
            usage=replace(usage, told_micro_usd=protocols.told_cost(used, headers)),
            is_cut_off=why in CUT_OFF,
            refusal=(text or "it gives no reason") if why == "refusal" else None,
            request_id=headers.get("request-id") or told.get("id"),
        )
