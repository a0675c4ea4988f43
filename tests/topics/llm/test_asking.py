"""A question is reserved, asked and settled; its budget is never passed, and what was not done is not paid."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import errors
from tests.clients.llm import server
from topics import budgets, llm
from topics.llm import asking

HELLO = llm.Request((llm.Message("user", "Hello"),), max_tokens=100)
SCOPES = ("project:p1",)


def spent(scope: str = "system") -> tuple[int, int]:
    """Micro-USD spent and reserved."""
    found = budgets.show(scope)
    return found.micro_usd.spent, found.micro_usd.held


def test_without_a_model_nobody_is_asked() -> None:
    assert llm.ask(HELLO, purpose="test") is None and not llm.is_configured()
    assert asking.try_to_ask(HELLO, purpose="test") == llm.Told(None, {"by": "rules"})


def test_an_answer_is_settled_in_all_its_scopes(asked: server.Model) -> None:
    asked.will(server.says("Hi"))
    reply = llm.ask(HELLO, purpose="insights", scopes=SCOPES)
    assert reply is not None and reply.cost_micro_usd == 600
    assert spent() == spent("project:p1") == (600, 0)


def test_what_failed_for_free_is_released(asked: server.Model) -> None:
    asked.will(server.status(500, {}))
    with pytest.raises(errors.NetworkError):
        llm.ask(HELLO, purpose="test", scopes=SCOPES)
    assert spent() == (0, 0)


@pytest.mark.parametrize(("turn", "cost"), [(server.says(" "), 600), (server.cut_off, 4590)])
def test_what_was_paid_or_may_have_been_is_settled(asked: server.Model, turn: server.Turn, cost: int) -> None:
    asked.will(turn)
    with pytest.raises(errors.TrawlError):
        llm.ask(HELLO, purpose="test")
    assert spent()[0] >= 600 and abs(spent()[0] - cost) < 200 and spent()[1] == 0


def test_more_than_the_bound_is_settled_as_it_is_told(asked: server.Model, caplog: pytest.LogCaptureFixture) -> None:
    asked.will(server.says("Hi", usage={"prompt_tokens": 100, "completion_tokens": 5000}))
    llm.ask(HELLO, purpose="test")
    assert spent() == (100 * 3 + 5000 * 15, 0) and "more tokens than it was allowed" in caplog.text


def test_an_interrupted_question_costs_its_bound(asked: server.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise errors.JobTimeout

    monkeypatch.setattr("clients.llm.client.Client.ask", interrupted)
    with pytest.raises(errors.JobTimeout):
        llm.ask(HELLO, purpose="test")
    assert spent()[0] > 0 and spent()[1] == 0


def test_without_budget_nobody_is_asked_and_it_says_so(asked: server.Model) -> None:
    budgets.set_limit("project:p1", micro_usd=1000)
    with pytest.raises(errors.NotNow, match="budget_exhausted"):
        llm.ask(HELLO, purpose="test", scopes=SCOPES)
    told = asking.try_to_ask(HELLO, purpose="test", scopes=SCOPES)
    assert told.reply is None and told.note["by"] == "rules" and "budget_exhausted" in told.note["why"]
    with pytest.raises(errors.NotNow):
        asking.try_to_ask(HELLO, purpose="test", scopes=SCOPES, parks=True)
    assert asked.asked == [] and spent("project:p1") == (0, 0)


def test_many_at_once_never_pass_the_limit(asked: server.Model) -> None:
    budgets.set_limit("system", micro_usd=10_000)
    asked.will(server.says("Hi"))
    refused = threading.Semaphore(0)

    def one(_: int) -> int:
        try:
            reply = llm.ask(HELLO, purpose="test")
        except errors.NotNow:
            refused.release()
            return 0
        assert reply is not None
        return reply.cost_micro_usd

    with ThreadPoolExecutor(8) as pool:
        paid = sum(pool.map(one, range(24)))
    assert paid == spent()[0] <= 10_000 and refused.acquire(blocking=False)
