"""A model is asked in either protocol; its answer, tokens and cost come back in one form."""

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import config
import errors
from clients import llm
from clients.llm import exchange, prices
from clients.llm.messages import Usage
from tests.clients.llm import server
from tests.clients.llm.conftest import KEY, settings_of

HELLO = llm.Request((llm.Message("user", "Hello"),), system="Be brief.")
SCHEMA = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"], "additionalProperties": False}
PRICED = llm.Request((llm.Message("user", "What is the price?"),), schema=SCHEMA)


def test_an_answer_comes_with_its_tokens_its_cost_and_its_request(model: server.Model, client: llm.Client, api: str) -> None:
    model.will(server.says("Hi there"))
    reply = client.ask(HELLO)
    assert (reply.text, reply.data, reply.model, reply.is_cut_off) == ("Hi there", None, "a-model-1", False)
    assert (reply.input_tokens, reply.output_tokens, reply.cost_micro_usd) == (100, 20, 100 * 3 + 20 * 15)
    assert reply.request_id == ("r-1" if api == "openai" else "m-1") and reply.elapsed_s > 0
    assert reply.cost_micro_usd <= client.bound_micro_usd(HELLO)


def test_anthropic_is_asked_as_it_documents(model: server.Model) -> None:
    model.will(server.says("Hi"))
    with config.overridden(**settings_of(model, "anthropic")):
        _configured().ask(HELLO)
    assert model.paths == ["/v1/messages"] and model.headers[0]["x-api-key"] == KEY and "anthropic-version" in model.headers[0]
    messages = [{"role": "user", "content": "Hello"}]
    assert model.asked == [{"model": "a-model", "max_tokens": 1000, "messages": messages, "system": "Be brief."}]


def test_openai_is_asked_as_it_documents(model: server.Model) -> None:
    model.will(server.says("Hi"))
    with config.overridden(**settings_of(model, "openai")):
        _configured().ask(HELLO)
    assert model.paths == ["/v1/chat/completions"] and model.headers[0]["authorization"] == f"Bearer {KEY}"
    assert model.asked[0]["messages"][0] == {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("api_name", "base", "path"),
    [
        ("anthropic", "/v1", "/v1/messages"),
        ("anthropic", "/proxy", "/proxy/v1/messages"),
        ("openai", "/v1", "/v1/chat/completions"),
        ("openai", "/api/v1/chat/completions", "/api/v1/chat/completions"),
    ],
)
def test_a_base_url_may_end_with_its_version(model: server.Model, api_name: str, base: str, path: str) -> None:
    model.will(server.says("Hi"))
    with config.overridden(**settings_of(model, api_name, llm_base_url=model.url + base)):
        _configured().ask(HELLO)
    assert model.paths == [path]


AZURE = "/openai/deployments/a-model?api-version=2024-10-21"


def test_azure_and_gateways_in_front_of_it_get_the_key_where_they_read_it(model: server.Model) -> None:
    model.will(server.says("Hi"))
    with config.overridden(**settings_of(model, "openai", llm_base_url=model.url + AZURE)):
        _configured().ask(HELLO)
        assert _configured().look().endswith("has a-model")
    assert model.paths == [AZURE.replace("?", "/chat/completions?"), "/openai/models?api-version=2024-10-21"]
    for headers in model.headers:
        assert headers["api-key"] == headers["ocp-apim-subscription-key"] == KEY and "authorization" not in headers


def test_a_token_of_azures_log_in_is_a_bearers(model: server.Model) -> None:
    model.will(server.says("Hi"))
    with config.overridden(
        **settings_of(model, "openai", llm_base_url=model.url + AZURE, llm_api_key=SecretStr("eyJhbGciOi.a.b"))
    ):
        _configured().ask(HELLO)
    assert model.headers[0]["authorization"] == "Bearer eyJhbGciOi.a.b" and "api-key" not in model.headers[0]


def test_the_bare_address_of_an_azure_resource_is_enough() -> None:
    wire = llm.OpenAI()
    assert wire.url("https://x.openai.azure.com/", "chat") == "https://x.openai.azure.com/openai/v1/chat/completions"


def test_tokens_of_the_cache_are_counted_and_never_undercharged(model: server.Model) -> None:
    used = {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 50}
    model.will(server.says("Hi", usage=used))
    with config.overridden(**settings_of(model, "anthropic")):
        reply = _configured().ask(HELLO)
    assert (reply.input_tokens, reply.cost_micro_usd) == (160, (10 + 100 + 2 * 50) * 3 + 5 * 15)
    chat = {"prompt_tokens": 110, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 100}}
    model.will(server.says("Hi", usage=chat))
    with config.overridden(**settings_of(model, "openai")):
        reply = _configured().ask(HELLO)
    assert (reply.input_tokens, reply.cost_micro_usd) == (110, 110 * 3 + 5 * 15)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        {},
        {"input_tokens": -5, "output_tokens": 3},
        {"prompt_tokens": "7", "completion_tokens": None},
        {"input_tokens": 0, "output_tokens": 0, "prompt_tokens": 0, "completion_tokens": 0},
        {"input_tokens": 10**15, "output_tokens": 1, "prompt_tokens": 10**15, "completion_tokens": 1},
    ],
)
def test_a_wrong_usage_is_unknown_and_costs_the_bound(model: server.Model, client: llm.Client, usage: Any) -> None:
    model.will(server.says("Hi", usage=usage))
    reply = client.ask(HELLO)
    assert (reply.input_tokens, reply.output_tokens) == (None, None)
    assert reply.cost_micro_usd == client.bound_micro_usd(HELLO)


def test_what_a_model_thought_is_counted_where_only_the_total_says_so(model: server.Model) -> None:
    thought = {
        "prompt_tokens": 21,
        "completion_tokens": 0,
        "total_tokens": 81,
        "completion_tokens_details": {"reasoning_tokens": 60},
    }
    model.will(server.says("Hi", usage=thought))
    with config.overridden(**settings_of(model, "openai")):
        assert _configured().ask(HELLO).cost_micro_usd == 21 * 3 + 60 * 15


def test_a_cut_off_answer_says_so(model: server.Model, client: llm.Client, api: str) -> None:
    model.will(server.says("It goes on and", stop="length" if api == "openai" else "max_tokens"))
    assert client.ask(HELLO).is_cut_off


@pytest.mark.parametrize(
    ("status", "told", "kind", "word"),
    [
        (401, {"error": {"message": f"bad key {KEY}"}}, errors.BadToken, "LLM_API_KEY"),
        (403, {"error": {"message": "no"}}, errors.ConfigError, "LLM_MODEL"),
        (402, {}, errors.OutOfCredits, "credits"),
        (
            400,
            {"error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}},
            errors.OutOfCredits,
            "low",
        ),
        (429, {"error": {"code": "insufficient_quota", "message": "x"}}, errors.OutOfCredits, "credits"),
        (
            404,
            {"type": "error", "error": {"type": "not_found_error", "message": "model: a-model"}},
            errors.ConfigError,
            "LLM_MODEL",
        ),
        (400, {"error": "prompt is too long"}, errors.DataError, "too long"),
        (413, b"<html>too large</html>", errors.DataError, "413"),
        (422, {"detail": [{"msg": "wrong"}]}, errors.DataError, "wrong"),
        (500, b"oops", errors.NetworkError, "500"),
        (408, {}, errors.NetworkError, "408"),
        (302, b"", errors.ConfigError, "LLM_BASE_URL"),
        (200, {"error": {"code": 502, "message": "upstream"}}, errors.NetworkError, "upstream"),
        (200, {"type": "error", "error": {"type": "api_error", "message": "inside"}}, errors.NetworkError, "inside"),
        (200, {"error": {"type": "authentication_error", "message": "no"}}, errors.BadToken, "LLM_API_KEY"),
    ],
)
def test_an_error_has_its_class_and_costs_nothing(
    model: server.Model, client: llm.Client, status: int, told: Any, kind: type[errors.TrawlError], word: str
) -> None:
    model.will(server.status(status, told))
    with pytest.raises(kind, match=word) as caught:
        client.ask(HELLO)
    assert type(caught.value) is kind and caught.value.cost_micro_usd == 0
    assert KEY not in str(caught.value) and len(model.asked) == 1


@pytest.mark.parametrize("code", [429, 503, 529])
def test_a_busy_server_is_asked_again_when_it_says(
    model: server.Model, client: llm.Client, code: int, waits: list[float]
) -> None:
    model.will(server.status(code, {}, {"Retry-After": "2"}), server.status(code, {}), server.says("Hi"))
    assert client.ask(HELLO).text == "Hi"
    assert waits[0] == 2 and len(waits) == 2


def test_a_server_that_asks_for_a_long_wait_is_left_to_the_caller(model: server.Model, client: llm.Client) -> None:
    model.will(server.status(429, {"error": {"message": "slow down"}}, {"Retry-After": "77"}))
    with pytest.raises(errors.ProviderBusy) as caught:
        client.ask(HELLO)
    assert (caught.value.retry_after_s, caught.value.cost_micro_usd, len(model.asked)) == (77, 0, 1)


def test_an_overload_inside_a_200_is_one(model: server.Model, client: llm.Client, waits: list[float]) -> None:
    for told in ({"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, {"error": {"message": "Overloaded"}}):
        model.asked.clear()
        model.will(server.status(200, told))
        with pytest.raises(errors.ProviderBusy):
            client.ask(HELLO)
        assert len(model.asked) == 3


@pytest.mark.parametrize("turn", [server.cut_off, server.cut_off_stream, server.status(200, b"<html>login</html>")])
def test_half_an_answer_is_none_and_may_have_been_paid(model: server.Model, client: llm.Client, turn: server.Turn) -> None:
    model.will(turn)
    with pytest.raises(errors.NetworkError) as caught:
        client.ask(HELLO)
    assert caught.value.cost_micro_usd == client.bound_micro_usd(HELLO)


@pytest.mark.parametrize("slow", [server.hangs, server.drips])
def test_a_slow_answer_ends_at_its_deadline(model: server.Model, client: llm.Client, over: threading.Event, slow: Any) -> None:
    model.will(slow(over))
    with pytest.raises(errors.NetworkError, match="LLM_TIMEOUT") as caught:
        client.ask(llm.Request(HELLO.messages, timeout_s=0.5))
    assert caught.value.cost_micro_usd > 0


def test_a_server_that_is_not_there_costs_nothing(model: server.Model) -> None:
    away = settings_of(model, "openai", llm_base_url="http://127.0.0.1:1")
    with config.overridden(**away), pytest.raises(errors.NetworkError, match="LLM_BASE_URL") as caught:
        _configured().ask(HELLO)
    assert caught.value.cost_micro_usd == 0


@pytest.mark.parametrize("told", [{"choices": []}, {"choices": [{}]}, {"content": 7}, {"choices": None, "content": None}, [], 7])
def test_json_that_is_no_answer_is_none(model: server.Model, client: llm.Client, told: Any) -> None:
    model.will(server.status(200, told))
    with pytest.raises(errors.NetworkError, match="LLM_API"):
        client.ask(HELLO)


def test_a_refusal_and_silence_are_no_answers_and_paid(model: server.Model, client: llm.Client, api: str) -> None:
    model.will(server.says("I will not", stop="refusal" if api == "anthropic" else "content_filter"))
    with pytest.raises(errors.BadAnswer, match="refuses") as caught:
        client.ask(HELLO)
    assert caught.value.cost_micro_usd == 600
    model.will(server.says("  "))
    with pytest.raises(errors.BadAnswer, match="nothing"):
        client.ask(HELLO)


def test_the_key_is_nowhere(model: server.Model, client: llm.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    model.will(server.status(500, {"error": {"message": f"key {KEY} failed"}}))
    with pytest.raises(errors.NetworkError) as caught:
        client.ask(HELLO)
    told = [str(caught.value), repr(client), repr(client.line), caplog.text, repr(caught.value.__context__)]
    assert not [text for text in told if KEY in text] and "***" in told[0]


def test_most_tokens_are_bounded_by_the_setting(model: server.Model, api: str) -> None:
    model.will(server.says("Hi"))
    with config.overridden(**settings_of(model, api, llm_max_tokens=50)):
        _configured().ask(HELLO)
    assert model.asked[0]["max_tokens"] == 50


def test_a_server_that_wants_the_other_name_of_the_limit_gets_it(model: server.Model) -> None:
    refusal = {"error": {"message": "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."}}
    model.will(server.status(400, refusal), server.says("Hi"))
    with config.overridden(**settings_of(model, "openai")):
        assert _configured().ask(HELLO).text == "Hi"
        _configured().ask(HELLO)
    assert ["max_completion_tokens" in one for one in model.asked] == [False, True, True]


def test_nothing_is_configured_without_key_and_address() -> None:
    assert llm.configured() is None


@pytest.mark.parametrize("values", [{"llm_model": None}, {"llm_api_key": "sk with space"}, {"llm_api_key": "sk-é"}])
def test_settings_that_cannot_work_are_named(model: server.Model, values: dict[str, Any]) -> None:
    with config.overridden(**settings_of(model, "openai", **_secret(values))), pytest.raises(errors.ConfigError, match="LLM_"):
        llm.configured()


def test_a_model_without_a_price_is_refused_and_one_of_ones_own_is_free(model: server.Model) -> None:
    free = {"llm_price_input": None, "llm_price_output": None}
    with config.overridden(**settings_of(model, "openai", **free, llm_base_url="https://llm.example.com/v1")):
        with pytest.raises(errors.ConfigError, match="LLM_PRICE_INPUT"):
            _configured().bound_micro_usd(HELLO)
        with pytest.raises(errors.ConfigError, match="LLM_PRICE_INPUT"):
            _configured().ask(HELLO)
    model.will(server.says("Hi"))
    with config.overridden(**settings_of(model, "openai", **free)):
        assert _configured().bound_micro_usd(HELLO) == 0 == _configured().ask(HELLO).cost_micro_usd
    half = settings_of(model, "openai", llm_price_output=None)
    with config.overridden(**half), pytest.raises(errors.ConfigError, match="go together"):
        _configured().ask(HELLO)


def test_costs_are_rounded_up_and_exact() -> None:
    price = prices.Price(Decimal("0.1"), Decimal("0.3"), "settings")
    assert [price.of_tokens(*pair) for pair in ((0, 0), (1, 0), (10, 0), (1, 3), (10**7, 1))] == [0, 1, 1, 1, 1_000_001]
    assert price.of(Usage()) is None


def test_it_says_which_models_there_are(model: server.Model, client: llm.Client) -> None:
    assert client.look().endswith("has a-model")
    model.models = ["another"]
    assert "LLM_MODEL" in client.look()
    assert model.asked == []


def test_a_proxy_of_the_environment_is_not_asked_for_a_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert exchange._session("http://127.0.0.1:8000").proxies == {}
    assert exchange._session("http://llm.example.com").proxies["http"] == "http://127.0.0.1:9"


def _configured() -> llm.Client:
    client = llm.configured()
    assert client is not None
    return client


def _secret(values: dict[str, Any]) -> dict[str, Any]:
    return {name: SecretStr(value) if name == "llm_api_key" else value for name, value in values.items()}


def test_a_password_file_does_not_replace_the_key(
    model: server.Model, client: llm.Client, api: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    model.will(server.says("Hi"))
    client.ask(HELLO)
    assert model.headers[0].get("authorization") == (f"Bearer {KEY}" if api == "openai" else None)
