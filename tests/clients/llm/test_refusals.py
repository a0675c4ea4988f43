"""What servers say when a request is too much, is filtered, or nothing is left to spend; and how each wants to be asked."""

import json
from typing import Any

import pytest

import errors
from clients import llm
from clients.llm import openai
from tests.clients.llm import server

HELLO = llm.Request((llm.Message("user", "Hello"),), schema={"type": "object", "properties": {"n": {"type": "integer"}}})


@pytest.fixture
def api() -> str:
    return "openai"


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 6048 tokens. However, you requested 6616 tokens.",
        "Input tokens exceed the limit. Please reduce the length of the messages, tools or structured output schema.",
        "prompt is too long: 215000 tokens > 200000 maximum",
        "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for a-model",
        "max_tokens must be at least 1, got -186.",
    ],
)
def test_what_is_too_long_names_the_setting_that_mends_it(model: server.Model, client: llm.Client, words: str) -> None:
    model.will(server.status(400, {"error": {"message": words, "type": "invalid_request_error"}}))
    with pytest.raises(errors.DataError, match="lower LLM_MAX_TOKENS") as caught:
        client.ask(HELLO)
    assert type(caught.value) is errors.DataError and caught.value.cost_micro_usd == 0


@pytest.mark.parametrize(
    "error",
    [
        {"type": "invalid_request_error", "message": "You have reached your specified API usage limits."},
        {"type": "budget_exceeded", "message": "Budget has been exceeded! Current cost: 10.1, Max budget: 10.0", "code": "400"},
        {"message": "Key reached its spend limit"},
    ],
)
def test_a_limit_of_spending_is_no_fault_of_the_request(model: server.Model, client: llm.Client, error: dict[str, Any]) -> None:
    model.will(server.status(400, {"error": error}))
    with pytest.raises(errors.OutOfCredits):
        client.ask(HELLO)


def test_a_filter_before_the_model_is_named(model: server.Model, client: llm.Client) -> None:
    words = "The response was filtered due to the prompt triggering a content management policy."
    model.will(server.status(400, {"error": {"message": words, "code": "content_filter"}}))
    with pytest.raises(errors.DataError, match="content filter"):
        client.ask(HELLO)


def test_the_reason_of_the_provider_behind_a_gateway_is_told(model: server.Model, client: llm.Client) -> None:
    error = {"code": 400, "message": "Provider returned error", "metadata": {"raw": "top_p is out of range"}}
    model.will(server.status(400, {"error": error}))
    with pytest.raises(errors.DataError, match="top_p is out of range"):
        client.ask(HELLO)


@pytest.mark.parametrize(("status", "is_paid"), [(502, False), (504, True), (524, True)])
def test_an_answer_that_a_gateway_did_not_wait_for_may_have_been_paid(
    model: server.Model, client: llm.Client, status: int, is_paid: bool
) -> None:
    model.will(server.status(status, b"<html>timeout</html>"))
    with pytest.raises(errors.NetworkError) as caught:
        client.ask(HELLO)
    assert (caught.value.cost_micro_usd > 0) == is_paid


def test_what_a_function_is_called_with_in_a_stream_is_the_answer(model: server.Model, client: llm.Client) -> None:
    parts = ['{"n": ', "8}"]
    events = [{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": one}}]}}]} for one in parts]
    events += [{"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}]
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in events) + "data: [DONE]\n"
    model.will(server.status(200, body.encode(), {"Content-Type": "text/event-stream"}))
    assert client.ask(HELLO).data == {"n": 8}


def test_an_answer_of_another_protocol_is_not_called_a_failure(model: server.Model, client: llm.Client) -> None:
    model.will(server.status(200, {"message": {"role": "assistant", "content": "Hi"}, "done": True}))
    with pytest.raises(errors.NetworkError, match="see LLM_API and LLM_BASE_URL"):
        client.ask(HELLO)


def test_each_server_is_asked_as_it_wants() -> None:
    wire = openai.OpenAI()
    assert wire.headers("k", "https://acme.openai.azure.com/openai/deployments/d?api-version=1")["api-key"] == "k"
    assert wire.headers("k", "https://api.openai.com/v1") == {"Authorization": "Bearer k"}
    for base in ("http://ollama:11434/api", "http://ollama:11434/api/chat", "http://ollama:11434", "http://ollama:11434/v1/"):
        assert wire.url(base, "chat") == "http://ollama:11434/v1/chat/completions"
