"""Forms of kinds that other products were reported to misread."""

import pytest

import models
from parsing import forms


def one(html: str) -> models.Form:
    [form] = forms.discover(html, url="https://a.example/")
    return form


def test_a_disabled_field_is_neither_sent_nor_filled() -> None:
    form = one(
        "<form><input type=hidden name=a value=1 disabled><input type=hidden name=b value=2><input name=c disabled></form>"
    )
    assert form.hidden == {"b": "2"} and form.steps == ("submit",) and "disabled" in form.fields[0].constraints


def test_a_search_box_that_speaks_of_user_names_is_a_search_box() -> None:
    form = one("<form role=search action=/search><input name=q placeholder='Search by username'><button>Search</button></form>")
    assert (form.form_type, form.fields[0].field_type) == ("search", "search query")


def test_a_field_without_a_type_is_text_and_a_button_with_a_name_is_a_field() -> None:
    form = one("<form method=post><input name=login><input type=password name=pw><button name=_submit>Sign in</button></form>")
    assert [(field.name, field.type) for field in form.fields] == [("login", "text"), ("pw", "password"), ("_submit", "submit")]


def test_fields_without_names_are_told_by_what_a_reader_sees() -> None:
    page = "<h2>Please sign in</h2><div><input id=username placeholder=Username><input type=password id=pass><button>Sign in"
    form = one(page)
    assert form.is_formless and form.form_type == "login"
    assert [field.field_type for field in form.fields][:2] == ["username", "password"]


def test_autocomplete_states_what_a_field_is() -> None:
    form = one(
        "<form><input name=f1 autocomplete='shipping given-name'><input name=f2 autocomplete=postal-code>"
        "<input name=f3 autocomplete=one-time-code><input name=f4 autocomplete=off></form>"
    )
    assert [field.field_type for field in form.fields][:3] == ["first name", "postal code", "pin code received by sms/..."]
    assert [field.confidence == 1.0 for field in form.fields] == [True, True, True, False]


def test_a_button_may_send_a_form_elsewhere() -> None:
    form = one("<form action=/a><input name=q><button formaction=/b>Go</button></form>")
    assert form.action == "https://a.example/a" and form.fields[1].constraints == {"formaction": "/b"}


def test_every_type_of_a_table_is_a_type_of_the_field_list() -> None:
    from parsing.forms import signs, weights

    types = set(weights.fitted(weights.FIELDS).types)
    unknown = set(signs.STATED.values()) - types
    assert unknown <= {"credit card number", "credit card holder name", "middle name", "phone country code"}
    assert set(weights.fitted(weights.FORMS).types) == {*forms.PURPOSES, "other"}


@pytest.mark.parametrize(
    ("html", "form_type"),
    [
        (
            '<input type=email name=identifier autocomplete="username webauthn"><button>Next</button>',
            "login",
        ),
        ("<input type=password name=Passwd autocomplete=current-password><button>Next</button>", "login"),
        (
            "<input type=hidden name=t value=x><input type=password name=p><input type=checkbox name=show><button>Go</button>",
            "login",
        ),
        ("<label>Code<input name=otp autocomplete=one-time-code maxlength=6></label><button>Verify</button>", "other"),
    ],
)
def test_the_steps_of_a_login_are_told_by_their_one_field(html: str, form_type: str) -> None:
    [form] = forms.discover(f"<form method=post action=/a>{html}</form>", url="https://a.example/")
    assert form.form_type == form_type


@pytest.mark.parametrize(
    ("form", "field", "name"),
    [
        ("<form>", "<input type=email name=EMAIL><input name=b_0a1b2c3d4e_5f6a7b tabindex=-1>", "b_0a1b2c3d4e_5f6a7b"),
        ("<form netlify-honeypot=bot>", "<input name=bot><input name=email>", "bot"),
        ("<form>", "<input type=email name=email><input name=_gotcha><textarea name=message></textarea>", "_gotcha"),
    ],
)
def test_a_trap_for_programs_is_neither_filled_nor_a_captcha(form: str, field: str, name: str) -> None:
    read = one(f"{form}{field}<button>Send</button></form>")
    assert {each.name: each.field_type for each in read.fields}[name] == "honeypot"
    assert not read.has_captcha and not any(name in step for step in read.steps)


def test_fields_of_a_disabled_fieldset_are_disabled_but_not_those_of_its_legend() -> None:
    html = "<fieldset disabled><legend><input name=a></legend><input name=b><input type=hidden name=c></fieldset><input name=d>"
    read = one(f"<form>{html}</form>")
    assert [each.name for each in read.fields if "disabled" in each.constraints] == ["b"]
    assert read.hidden == {}


def test_a_field_is_nothing_that_its_own_type_rules_out() -> None:
    html = (
        "<form><input type=date name=arrival><input type=file name=n><input type=date name=go><button>Check availability</button>"
    )
    assert [each.field_type for each in one(html).fields] == ["full date", "other file upload", "full date", "submit button"]


def test_a_form_that_leaves_a_list_does_not_join_it() -> None:
    assert one("<form action=/u><input name=email><button>Unsubscribe</button></form>").form_type == "other"
    assert one("<form action=/u><input name=email><button>Newsletter abmelden</button></form>").form_type == "other"
    assert one("<form action=/u><input name=email><button>Subscribe</button></form>").purpose == "subscribe"


def test_a_form_that_sends_a_mail_is_a_contact_form() -> None:
    html = "<form action='mailto:a@b.com'><input name=subject><textarea name=body></textarea><button>Send</button></form>"
    assert one(html).form_type == "contact/comment"
