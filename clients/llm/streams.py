"""Replies that come as events although nobody asked for a stream: some gateways know nothing else. Put together, they are one.

One that does not say why it ended broke off, and is none.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

END = "[DONE]"


def is_one(body: bytes) -> bool:
    """Whether a body is a row of events."""
    return body.lstrip()[:7].startswith((b"data:", b"event:", b": "))


def whole(body: bytes) -> Any:
    """The reply that the events make; None where they make none. An error among them is the reply.

    >>> whole(b'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}\\n\\ndata: [DONE]\\n')["choices"]
    [{'message': {'content': 'Hi', 'reasoning_content': ''}, 'finish_reason': 'stop'}]
    """
    events = [event for event in _events(body) if isinstance(event, Mapping)]
    for event in events:
        if event.get("error") or event.get("type") == "error":
            return event
    if any(event.get("type") == "message_start" for event in events):
        return _message(events)
    return _chat(events)


def _events(body: bytes) -> Iterable[Any]:
    for line in body.decode("utf-8", "replace").splitlines():
        text = line.removeprefix("data:").strip()
        if line.startswith("data:") and text and text != END:
            try:
                yield json.loads(text)
            except (ValueError, RecursionError):
                continue


def _chat(events: Iterable[Mapping[str, Any]]) -> Any:
    """Chunks of chat completions."""
    content, thoughts, called, why, told = "", "", "", None, dict[str, Any]()
    for event in events:
        told |= {name: event[name] for name in ("id", "model", "usage") if event.get(name)}
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        part = choice.get("delta") or choice.get("message") or {}
        if isinstance(part, Mapping):
            content += _text(part.get("content"))
            thoughts += _text(part.get("reasoning_content")) or _text(part.get("reasoning"))
            called += _arguments(part)
        why = choice.get("finish_reason") or why
    if why is None:
        return None
    message: dict[str, Any] = {"content": content, "reasoning_content": thoughts}
    if called:
        message["tool_calls"] = [{"function": {"arguments": called}}]
    return {**told, "choices": [{"message": message, "finish_reason": why}]}


def _arguments(part: Mapping[str, Any]) -> str:
    """A piece of what the first function is called with."""
    calls = part.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls and isinstance(calls[0], Mapping) else {}
    function = first.get("function") if not first.get("index") else None
    return _text(function.get("arguments")) if isinstance(function, Mapping) else ""


def _message(events: Iterable[Mapping[str, Any]]) -> Any:
    """Events of Anthropic's messages."""
    told: dict[str, Any] = {"type": "message"}
    blocks: dict[Any, dict[str, Any]] = {}
    for event in events:
        delta = event.get("delta")
        part: Mapping[str, Any] = delta if isinstance(delta, Mapping) else {}
        if isinstance(begun := event.get("message"), Mapping):
            told |= {name: begun[name] for name in ("id", "model") if name in begun}
        for one in (begun if isinstance(begun, Mapping) else {}, event):
            told["usage"] = {**told.get("usage", {}), **(one.get("usage") or {})}
        if isinstance(begun := event.get("content_block"), Mapping):
            blocks[event.get("index")] = {**begun, "input": ""} if begun.get("type") == "tool_use" else dict(begun)
        elif (block := blocks.get(event.get("index"))) is not None and part:
            block["text"] = _text(block.get("text")) + _text(part.get("text"))
            block["input"] = _text(block.get("input")) + _text(part.get("partial_json"))
        told |= {"stop_reason": part["stop_reason"]} if part.get("stop_reason") else {}
    return {**told, "content": list(blocks.values())} if told.get("stop_reason") else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
