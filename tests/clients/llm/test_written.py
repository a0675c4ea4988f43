"""What models and gateways write in place of JSON, as public reports show it: read where it is sure, refused where it is not."""

import json
from typing import Any

import pytest

import config
import errors
from clients import llm
from clients.llm import answers, anthropic, openai, waits, written
from clients.llm.messages import Answer, Usage
from tests.clients.llm import server
from tests.clients.llm.conftest import settings_of
from tests.clients.llm.test_client import HELLO

SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "n": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "kind": {"enum": ["high", "low"]},
    },
    "required": ["title"],
    "additionalProperties": False,
}
T = {"title": "T"}


def answer(text: str = "", data: Any = None, thoughts: str = "") -> Answer:
    return Answer(text, data, "", Usage(), is_cut_off=False, refusal=None, request_id=None, thoughts=thoughts)


@pytest.mark.parametrize(
    "text",
    [
        '<think>\n1. maybe {"title": "draft"}\n</think>\n{"title":"T"}',
        'I could say {"title":"draft"}\n</think>\n\n{"title":"T"}',
        '<think>{"title":"d"}</think>\n<think>{"title":"e"}</think>{"title":"T"}',
        '<THINK>{"title":"d"}</THINK>{"title":"T"}',
        '<reasoning>{"title":"d"}</reasoning>```json\n{"title":"T"}\n```',
        '[THINK]{"title":"d"}[/THINK]{"title":"T"}',
        '◁think▷{"title":"d"}◁/think▷{"title":"T"}',
        '<|channel|>analysis<|message|>{"title":"d"}<|end|><|start|>assistant<|channel|>final<|message|>{"title":"T"}<|return|>',
        'First {"title":"draft"}, but better:\n{"title":"T"}',
        '<tool_call>\n{"name":"answer","arguments":{"title":"T"}}\n</tool_call>',
        '```bash\nls {a,b}\n```\n```json\n{"title":"T"}\n```',
        '```json{"title":"T",}```',
        "{'title': 'T'}",
        "{title: `T`} // done",
        '{"title":"T" /* the title */}',
        "{“title”: “T”}",
        json.dumps(json.dumps(T)),
        json.dumps([T]),
        json.dumps({"answer": T}),
        json.dumps({"type": "object", "properties": T}),
        json.dumps({**T, "n": None}),
        "\ufeff" + json.dumps(T),
    ],
)
def test_an_answer_is_found_in_whatever_stands_around_it(text: str) -> None:
    assert answers.problems(answer(text), SCHEMA) == [] and answers.data_of(answer(text), SCHEMA) == T


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"title": "T", "n": "3", "kind": "High"}, {"title": "T", "n": 3, "kind": "high"}),
        ({"title": 12, "tags": '["a", "b"]'}, {"title": "12", "tags": ["a", "b"]}),
    ],
)
def test_what_leaves_no_doubt_is_made_to_fit(given: Any, meant: Any) -> None:
    assert answers.data_of(answer(data=given), SCHEMA) == meant


@pytest.mark.parametrize(
    "given",
    [
        {"title": "T", "n": "three"},
        {"title": "T", "n": "3.5"},
        {"title": "T", "more": 1},
        {"title": None},
        {"title": ["T"]},
        {"kind": "high"},
    ],
)
def test_what_leaves_doubt_is_a_problem(given: Any) -> None:
    assert answers.problems(answer(data=given), SCHEMA)


@pytest.mark.parametrize(
    "text", ['{"title": "T', "{'title': ", "{" * 5000, "</think>" * 5000, "[" * 5000 + "]" * 5000, "{a" * 5000, "no", ""]
)
def test_half_an_answer_is_none(text: str) -> None:
    assert answers.problems(answer(text), SCHEMA)


def test_a_value_that_speaks_of_thoughts_is_whole() -> None:
    assert written.values('{"title": "a <think>b</think> c"}') == [{"title": "a <think>b</think> c"}]


def test_what_was_only_thought_counts_where_it_keeps_to_the_schema() -> None:
    assert answers.data_of(answer(thoughts='So: {"title": "T"}'), SCHEMA) == T
    assert answers.problems(answer("No.", thoughts='{"title": "T"}'), SCHEMA) == ["it holds no JSON"]
    assert answers.problems(answer(thoughts='{"name": "T"}'), SCHEMA) == ["it holds no JSON"]


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "tool_calls": [{"type": "function", "function": {"name": "answer", "arguments": '{"title":"T"}'}}]},
        {"content": "", "tool_calls": [{"function": {"name": "answer", "arguments": T}}]},
        {"content": "", "function_call": {"name": "answer", "arguments": "{'title': 'T'}"}},
        {"content": None, "parsed": T},
        {"content": T},
        {"content": None, "reasoning_content": '{"title":"T"}'},
        {"content": [{"type": "thinking", "thinking": "{}"}, {"type": "text", "text": '{"title":"T"}'}]},
    ],
)
def test_an_answer_is_found_wherever_a_gateway_puts_it(message: Any) -> None:
    told = {"choices": [{"message": message, "finish_reason": "stop"}]}
    assert answers.data_of(openai.OpenAI().answer(told, {}), SCHEMA) == T


@pytest.mark.parametrize(
    ("used", "tokens"),
    [
        ({"input_tokens": 10, "output_tokens": 5}, (10, 5)),
        ({"prompt_tokens": 10, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 400}}, (10, 405)),
        ({"prompt_tokens": 10, "completion_tokens": 500, "completion_tokens_details": {"reasoning_tokens": 400}}, (10, 500)),
        ({"prompt_tokens": 10, "completion_tokens": 5, "completion_tokens_details": None}, (10, 5)),
        ({"prompt_tokens": None, "completion_tokens": 5}, (None, None)),
        (None, (None, None)),
    ],
)
def test_tokens_are_counted_with_what_was_thought(used: Any, tokens: tuple[int | None, int | None]) -> None:
    told = {"choices": [{"message": {"content": "x"}}], "usage": used}
    usage = openai.OpenAI().answer(told, {}).usage
    assert (usage.input_tokens, usage.output_tokens) == tokens


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "20s"}, 20),
        ({"retry-after": "0.5", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "9s"}, 0.5),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms", "x-ratelimit-reset-tokens": "9m"}, 0.12),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0.5s"}, 360.5),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "9s"}, None),
        ({"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "2000-01-01T00:00:00Z"}, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "946684800000"}, 0),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_in_the_headers_of_each_provider(headers: dict[str, str], wait_s: float | None) -> None:
    assert waits.of_headers(headers) == wait_s


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [
        (
            400,
            {"error": {"message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT"}},
            errors.BadToken,
        ),
        (403, {"error": {"message": "Key limit exceeded (monthly limit)", "code": 403}}, errors.OutOfCredits),
        (403, {"error": {"message": "no", "code": "insufficient_user_quota"}}, errors.OutOfCredits),
        (
            429,
            {"error": {"message": "You exceeded your current quota, please check your plan and billing details."}},
            errors.OutOfCredits,
        ),
    ],
)
def test_a_refusal_is_told_by_its_words(model: server.Model, client: llm.Client, status: int, told: Any, kind: type) -> None:
    model.will(server.status(status, told))
    with pytest.raises(kind):
        client.ask(HELLO)


def test_whoever_says_when_to_come_again_is_only_busy(model: server.Model, client: llm.Client) -> None:
    told = {"error": {"message": "You exceeded your current quota", "details": [{"@type": "RetryInfo", "retryDelay": "33s"}]}}
    model.will(server.status(429, told))
    with pytest.raises(errors.ProviderBusy) as caught:
        client.ask(HELLO)
    assert caught.value.retry_after_s == 33 and len(model.asked) == 1


def test_a_short_wait_in_the_words_is_waited(model: server.Model, client: llm.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("clock.wait", waited.append)
    busy = {"error": {"message": "Rate limit reached for a-model. Please try again in 1.5s. Visit us to learn more."}}
    model.will(server.status(429, busy), server.says("Hi"))
    assert client.ask(HELLO).text == "Hi" and waited == [1.5]


def test_a_model_without_a_system_role_is_told_in_the_words(model: server.Model, client: llm.Client) -> None:
    no = server.status(400, {"error": {"message": "System role not supported"}})
    request = llm.Request((llm.Message("user", "Hello"),), system="Be short.")
    model.will(no, server.says("Hi"))
    assert client.ask(request).text == "Hi" and client.ask(request).text == "Hi"
    assert [len(body["messages"]) for body in model.asked[1:]] == [1, 1] and "system" not in model.asked[-1]
    assert model.asked[-1]["messages"][0]["content"] == "Be short.\n\nHello"


def test_a_way_that_fails_at_its_server_is_left_for_the_next(model: server.Model, client: llm.Client) -> None:
    failed = {"error": {"message": "Failed to generate JSON. Please adjust your prompt.", "code": "json_validate_failed"}}
    model.will(server.status(400, failed), server.says('{"title": "T"}'))
    reply = client.ask(llm.Request((llm.Message("user", "Hello"),), schema=SCHEMA))
    assert reply.data == T and len(model.asked) == 2


CHUNKS = [
    {"id": "c", "model": "m-1", "choices": [{"delta": {"role": "assistant", "content": ""}}]},
    {"choices": [{"delta": {"content": "Hel"}}]},
    {"choices": [{"delta": {"content": "lo"}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 20}},
]
EVENTS = [
    {"type": "message_start", "message": {"id": "m", "model": "m-1", "usage": {"input_tokens": 100, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}},
]


def stream(events: list[dict[str, Any]]) -> server.Turn:
    body = b": keep-alive\n\n" + b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in events) + b"data: [DONE]\n\n"
    return lambda handler, _: server.write(handler, 200, body, {"Content-Type": "text/event-stream"})


def test_a_stream_that_nobody_asked_for_is_put_together(model: server.Model, client: llm.Client, api: str) -> None:
    events = CHUNKS if api == "openai" else EVENTS
    model.will(stream(events))
    reply = client.ask(HELLO)
    assert (reply.text, reply.input_tokens, reply.output_tokens, reply.cost_micro_usd) == ("Hello", 100, 20, 600)
    model.will(stream(events[:-2]))
    with pytest.raises(errors.NetworkError, match="something else") as caught:
        client.ask(HELLO)
    assert caught.value.cost_micro_usd > 0, "it may have been paid"


@pytest.mark.parametrize("api", ["anthropic"])
def test_a_tool_in_a_stream_is_put_together(model: server.Model, client: llm.Client) -> None:
    tool = {"type": "tool_use", "id": "t", "name": "answer", "input": {}}
    parts = [{"type": "content_block_delta", "index": 0, "delta": {"partial_json": one}} for one in ('{"ti', 'tle": "T"}')]
    begun = {"type": "content_block_start", "index": 0, "content_block": tool}
    model.will(stream([EVENTS[0], begun, *parts, EVENTS[-1]]))
    assert client.ask(llm.Request((llm.Message("user", "Hello"),), schema=SCHEMA)).data == T


@pytest.mark.parametrize(
    ("usage", "headers", "cost"),
    [
        ({"prompt_tokens": 100, "completion_tokens": 20, "cost": 0.0042}, {}, 4200),
        ({"prompt_tokens": 100, "completion_tokens": 20, "cost": 0}, {}, 600),
        ({"prompt_tokens": 100, "completion_tokens": 20, "cost": -1}, {"x-litellm-response-cost": "nan"}, 600),
        ({"prompt_tokens": 100, "completion_tokens": 20}, {"x-litellm-response-cost": "0.00070001"}, 701),
        (None, {"x-litellm-response-cost": "0.0001"}, 100),
        ({"prompt_tokens": 100, "completion_tokens": 20, "cost": True, "total_cost": "1e9"}, {}, 600),
    ],
)
@pytest.mark.parametrize("api", ["openai"])
def test_what_a_gateway_says_a_call_did_cost_is_the_least_that_is_charged(
    model: server.Model, client: llm.Client, usage: Any, headers: dict[str, str], cost: int
) -> None:
    told = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": usage}
    model.will(server.status(200, told, headers))
    assert client.ask(HELLO).cost_micro_usd == cost


@pytest.mark.parametrize("api", ["openai"])
def test_a_gateway_on_this_machine_is_not_free_where_it_says_so(model: server.Model, client: llm.Client) -> None:
    told = {"choices": [{"message": {"content": "Hi"}}], "usage": {"prompt_tokens": 9, "completion_tokens": 2, "cost": 0.5}}
    model.will(server.status(200, told))
    with config.overridden(**settings_of(model, "openai", llm_price_input=None, llm_price_output=None)):
        free = llm.configured()
        assert free is not None and free.bound_micro_usd(HELLO) == 0 and free.ask(HELLO).cost_micro_usd == 500_000


@pytest.mark.parametrize("api", ["openai"])
@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("MAX_TOKENS", "cut off"),
        ("error", "cut off"),
        ("model_length", "cut off"),
        ("SAFETY", "refuses"),
        ("content_filter: RECITATION", "refuses"),
    ],
)
def test_why_an_answer_ended_is_read_in_the_words_of_each_server(
    model: server.Model, client: llm.Client, reason: str, says: str
) -> None:
    model.will(server.says('{"ti', stop=reason))
    with pytest.raises(errors.BadAnswer, match=says) as caught:
        client.ask(llm.Request((llm.Message("user", "Hello"),), schema=SCHEMA))
    assert caught.value.cost_micro_usd == 600 and len(model.asked) == 1


@pytest.mark.parametrize(
    ("base", "chat", "messages"),
    [
        ("https://a.example", "https://a.example/v1/chat/completions", "https://a.example/v1/messages"),
        ("https://a.example/", "https://a.example/v1/chat/completions", "https://a.example/v1/messages"),
        ("https://a.example/api/v1/", "https://a.example/api/v1/chat/completions", "https://a.example/api/v1/messages"),
        ("https://a.example/v1/chat/completions/", "https://a.example/v1/chat/completions", "https://a.example/v1/messages"),
        ("https://a.example/v1/messages", "https://a.example/v1/chat/completions", "https://a.example/v1/messages"),
        ("https://a.example/v1/models", "https://a.example/v1/chat/completions", "https://a.example/v1/messages"),
        (
            "https://a.example/x?api-version=1",
            "https://a.example/x/chat/completions?api-version=1",
            "https://a.example/x/v1/messages?api-version=1",
        ),
    ],
)
def test_a_base_may_be_copied_with_a_slash_a_route_or_a_query(base: str, chat: str, messages: str) -> None:
    assert (openai.OpenAI().url(base, "chat"), anthropic.Anthropic().url(base, "chat")) == (chat, messages)
    assert openai.OpenAI().url(base, "models") == chat.replace("chat/completions", "models")
