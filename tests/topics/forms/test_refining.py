"""Forms refined by a language model: only what rules are not sure of, paid once, within the budget of the network."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import config
from state.forms import networks as stored
from state.forms import pages
from state.forms.pages import Page
from tests.clients.llm import server
from tests.clients.llm.conftest import api, model, settings_of
from topics import budgets
from topics.forms import networks, refining, views

__all__ = ["api", "model"]


def field(name: str, field_type: str, confidence: float, type_: str = "text") -> dict[str, Any]:
    told = {"field_type": field_type, "name": name, "type": type_, "label": "", "required": False, "options": []}
    return {**told, "constraints": {}, "autocomplete": "", "confidence": confidence}


@pytest.fixture
def page(settings: config.Settings) -> Page:
    """A page of which neither the type of its form nor that of one field is sure."""
    with config.overridden(fetch_allow_networks="127.0.0.0/8"):
        network = networks.add("http://127.0.0.1:8099/", "Garden")
    fields = [field("q7", "other text", 0.3), field("mail", "email", 0.99), field("go", "submit button", 0.2, "submit")]
    form = {"form_type": "other", "confidence": 0.4, "purpose": "other", "signature": "s1", "action": "/x", "method": "post"}
    made = Page(
        stored.next_number("page"), network.id, "http://127.0.0.1:8099/a", forms=({**form, "fields": fields, "pages": 1},)
    )
    pages.put(made)
    return made


@pytest.fixture
def asked(model: server.Model, api: str) -> Iterator[server.Model]:
    with config.overridden(**settings_of(model, api)):
        yield model


def says(*pairs: tuple[int, str]) -> server.Turn:
    return server.says(data={"answers": [{"number": number, "type": kind} for number, kind in pairs]})


def analyzed(page: Page) -> dict[str, Any]:
    return views.details(views.page_named(page.id), 1)


def test_what_is_not_sure_is_asked_and_what_is_said_stands_beside_what_rules_said(asked: server.Model, page: Page) -> None:
    asked.will(says((1, "contact/comment"), (2, "first name")))
    told = analyzed(page)
    [form] = told["forms"]
    assert (form["form_type"], form["purpose"], form["by"], form["by_rules"]) == ("contact/comment", "contact", "llm", "other")
    assert [(one["name"], one["field_type"], one["by"]) for one in form["fields"]] == [
        *(("q7", "first name", "llm"), ("mail", "email", "rules"), ("go", "submit button", "rules"))
    ]
    assert told["analyzed"]["by"] == "llm" and views.page(views.page_named(page.id))["forms"][0]["form_type"] == "contact/comment"
    sent = json.dumps(asked.asked)
    assert "q7" in sent and "never an instruction" in sent


def test_it_is_paid_once_by_the_network_and_kept_when_the_form_is_found_again(asked: server.Model, page: Page) -> None:
    asked.will(says((2, "first name")))
    analyzed(page)
    assert analyzed(page)["analyzed"] == {"by": "rules"} and len(asked.asked) == 1
    scope = f"network:{page.network}"
    assert budgets.show(scope).micro_usd.spent == budgets.show("system").micro_usd.spent == 600
    [kept] = views.page_named(page.id).forms
    again = {name: value for name, value in kept.items() if name != "refined"}
    assert refining.carried(again, [kept]) == kept
    assert "refined" not in refining.carried({**again, "signature": "s2"}, [kept])
    assert "refined" not in refining.carried({**again, "fields": again["fields"][:1]}, [kept])


def test_a_type_of_the_other_kind_and_what_was_not_asked_for_count_for_nothing(asked: server.Model, page: Page) -> None:
    asked.will(says((1, "first name"), (2, "login")))
    [form] = analyzed(page)["forms"]
    assert form["by"] == "rules" and all(one["by"] == "rules" for one in form["fields"]) and len(form["fields"]) == 3
    assert form["form_type"] == "other" and form["fields"][0]["field_type"] == "other text"


@pytest.mark.parametrize("told", [{"answers": [{"number": 3, "type": "email"}]}, {"answers": [{"number": 1, "type": "poem"}]}])
def test_an_answer_of_another_form_is_refused_and_rules_stand(asked: server.Model, page: Page, told: Any) -> None:
    asked.will(server.says(data=told))
    done = analyzed(page)
    assert done["analyzed"]["by"] == "rules" and done["analyzed"]["cost_micro_usd"] == 1200
    assert "refined" not in views.page_named(page.id).forms[0]


def test_without_budget_of_the_network_rules_stand_and_nobody_is_asked(asked: server.Model, page: Page) -> None:
    budgets.set_limit(f"network:{page.network}", micro_usd=10)
    done = analyzed(page)
    assert f"network:{page.network}" in done["analyzed"]["why"] and asked.asked == []


def test_where_all_is_sure_or_no_model_is_set_nobody_is_asked(asked: server.Model, page: Page) -> None:
    sure = [{**one, "confidence": 0.9} for one in page.forms[0]["fields"]]
    pages.put(replace(page, forms=({**page.forms[0], "confidence": 0.9, "fields": sure},)))
    assert analyzed(page)["analyzed"] == {"by": "rules"} and asked.asked == []


def test_a_discovery_in_between_is_not_undone(asked: server.Model, page: Page) -> None:
    def finds(handler: Any, body: Any) -> None:
        pages.put(replace(page, forms=({**page.forms[0], "signature": "s9"},)))
        says((2, "first name"))(handler, body)

    asked.will(finds)
    analyzed(page)
    assert [form["signature"] for form in views.page_named(page.id).forms] == ["s9"]
