"""An answer of a schema is asked for as its server takes it, held against the schema, and mended once."""

from typing import Any

import pytest

import config
import errors
from clients import llm
from tests.clients.llm import server
from tests.clients.llm.conftest import settings_of

SCHEMA = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"], "additionalProperties": False}
PRICED = llm.Request((llm.Message("user", "What is the price?"),), schema=SCHEMA)


def test_an_answer_of_a_schema_comes_as_data(model: server.Model, client: llm.Client, api: str) -> None:
    model.will(server.says(data={"price": 12}))
    assert client.ask(PRICED).data == {"price": 12}
    asked = model.asked[0]
    if api == "anthropic":
        assert asked["tool_choice"] == {"type": "tool", "name": "answer"} and asked["tools"][0]["input_schema"] == SCHEMA
    else:
        assert asked["response_format"]["json_schema"]["schema"] == SCHEMA


def test_a_wrong_answer_is_mended_once_and_both_are_paid(model: server.Model, client: llm.Client) -> None:
    model.will(server.says(data={"price": "twelve"}), server.says(data={"price": 12}))
    reply = client.ask(PRICED)
    assert reply.data == {"price": 12} and reply.cost_micro_usd == 1200 <= client.bound_micro_usd(PRICED)
    assert (reply.input_tokens, reply.output_tokens) == (200, 40)
    mend = model.asked[1]["messages"][-1]["content"]
    assert "$.price: is string, not number" in mend and '"additionalProperties": false' in mend


@pytest.mark.parametrize("data", [{"price": "twelve"}, {"price": 1, "more": 2}, {}, {"price": None}, {"price": True}])
def test_an_answer_that_stays_wrong_is_refused_and_paid(model: server.Model, client: llm.Client, data: Any) -> None:
    model.will(server.says(data=data))
    with pytest.raises(errors.BadAnswer, match="schema") as caught:
        client.ask(PRICED)
    assert caught.value.cost_micro_usd == 1200 and len(model.asked) == 2 and not caught.value.retryable


def test_a_repair_that_fails_tells_what_the_first_answer_cost(model: server.Model, client: llm.Client) -> None:
    model.will(server.says(data={}), server.status(500, {}))
    with pytest.raises(errors.NetworkError) as caught:
        client.ask(PRICED)
    assert caught.value.cost_micro_usd == 600


def test_an_answer_that_was_cut_off_is_not_asked_for_again(model: server.Model, client: llm.Client, api: str) -> None:
    model.will(server.says('{"price": 1', stop="length" if api == "openai" else "max_tokens"))
    with pytest.raises(errors.BadAnswer, match="LLM_MAX_TOKENS"):
        client.ask(PRICED)
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"price": 12}',
        ' ```json\n{"price": 12}\n``` ',
        'Here you are: {"price": 12} Anything else?',
        '<think>{"price": 1}? No.</think>\n{"price": 12}',
        '```python\nprices = {}\n```\nSo it is {"price": 12}.',
        '```\nI looked at it.\n```\n```json\n{"price": 12}\n```',
    ],
)
def test_json_is_found_in_words(model: server.Model, client: llm.Client, text: str) -> None:
    model.will(server.says(text))
    assert client.ask(PRICED).data == {"price": 12}


@pytest.mark.parametrize("text", ['{"price": NaN}', '{"price": Infinity}', "12 dollars", "[" * 5000])
def test_what_is_no_json_is_no_answer(model: server.Model, client: llm.Client, text: str) -> None:
    model.will(server.says(text))
    with pytest.raises(errors.BadAnswer):
        client.ask(PRICED)


def test_a_server_that_refuses_a_way_is_asked_in_the_next_one(model: server.Model) -> None:
    no_schema = server.status(400, {"error": {"message": "response_format json_schema is not supported"}})
    no_object = server.status(422, {"detail": "response_format: extra fields not permitted"})
    model.will(no_schema, no_object, server.says(data={"price": 12}))
    with config.overridden(**settings_of(model, "openai")):
        client = llm.configured()
        assert client is not None
        reply = client.ask(PRICED)
        assert client.ask(PRICED).data == {"price": 12}
    assert reply.data == {"price": 12} and reply.cost_micro_usd == 600
    assert [one.get("response_format", {}).get("type") for one in model.asked] == ["json_schema", "json_object", None, None]
    assert '"price"' in model.asked[2]["messages"][0]["content"]


def test_a_model_without_tools_is_asked_by_words(model: server.Model) -> None:
    model.will(server.status(400, {"error": {"message": "a-model does not support tools"}}), server.says('{"price": 3}'))
    with config.overridden(**settings_of(model, "anthropic")):
        client = llm.configured()
        assert client is not None and client.ask(PRICED).data == {"price": 3}
    assert "tools" not in model.asked[1] and '"price"' in model.asked[1]["system"]


def test_a_value_that_is_no_object_is_asked_for_inside_one(model: server.Model, client: llm.Client) -> None:
    model.will(server.says(data={"value": ["a", "b"]}))
    asked = llm.Request(PRICED.messages, schema={"type": "array", "items": {"type": "string"}})
    assert client.ask(asked).data == ["a", "b"]


@pytest.mark.parametrize("schema", [{"type": "objekt"}, {"type": "string", "minLength": "3"}, {"$ref": "https://example.com/x"}])
def test_a_schema_that_is_none_is_refused_before_anybody_is_asked(
    model: server.Model, client: llm.Client, schema: dict[str, Any]
) -> None:
    with pytest.raises(errors.ArgumentError):
        client.ask(llm.Request(PRICED.messages, schema=schema))
    assert model.asked == []
