"""Fields outside of forms, broken markup, hostile pages."""

from collections.abc import Callable

import pytest

import models
from parsing import forms
from tests import growth

URL = "https://app.example/"


def found(html: str) -> list[models.Form]:
    return forms.discover(html, url=URL)


def names(form: models.Form) -> list[str]:
    return [field.name for field in form.fields]


SPA = (
    "<div id=root><header><div><input name=q placeholder=Search><button>Search</button></div></header><div class=card>"
    "<div><label for=e>Email</label><input id=e name=email></div><div><input name=pw type=password>"
    "<button aria-label=Show></button></div><div><button>Sign in</button></div></div></div>"
)


def test_fields_without_a_form_are_grouped_by_their_container() -> None:
    search, login = found(SPA)
    assert search.is_formless and login.is_formless and login.action == ""
    assert (search.form_type, login.form_type) == ("search", "login")
    assert names(search) == ["q", ""] and names(login) == ["email", "pw", "", ""]


def test_groups_come_after_the_forms_of_a_page() -> None:
    first, second = found("<div><input name=a><button>go</button></div><form><input name=b></form>")
    assert (names(first), first.is_formless, names(second), second.is_formless) == (["b"], False, ["a", ""], True)


def test_two_groups_beside_each_other_stay_two() -> None:
    card = "<div><input name=n{0}><button>ok</button></div>"
    assert [names(form) for form in found(f"<div>{card.format(1)}{card.format(2)}</div>")] == [["n1", ""], ["n2", ""]]


def test_a_password_needs_no_button_and_a_lonely_field_is_no_form() -> None:
    assert [names(form) for form in found("<div><input name=u><input type=password name=p><a>Go</a></div>")] == [["u", "p"]]
    assert found("<div><input name=q></div><button>Menu</button>") == []


BROKEN = [
    "<form><input name=a",
    "<form><input name='a><button>",
    "<form><select name=a><option>x<input name=b><textarea name=c>",
    "</form></form><form><label><label><input name=a></form>",
    "<form \x00><input name=\ud800>",
    "<form/><input/name=a/>",
]


@pytest.mark.parametrize("html", BROKEN)
def test_broken_markup_gives_a_form(html: str) -> None:
    assert found(html)


HOSTILE: dict[str, Callable[[int], str]] = {
    "inputs": lambda n: "<form>" + "".join(f"<input name=f{at}x placeholder='w{at} v{at}'>" for at in range(n // 50)),
    "loose": lambda n: "".join(f"<div><input name=a{at}><button>x</button>" for at in range(n // 50)),
    "forms": lambda n: "<form>" * (n // 10) + "<input>" * 1_000,
    "deep": lambda n: "<div>" * (n // 3) + "<form><input name=a>",
    "options": lambda n: "<form><select name=a>" + "<option>x" * (n // 5),
    "labels": lambda n: "<form>" + "<label for=a>x" * (n // 5),
    "attributes": lambda n: "<form><input " + " ".join(f"a{at}=1" for at in range(n // 10)) + ">",
    "open tags": lambda n: "<form><input " + "<" * n,
    "comments": lambda n: "<form>" + "<!--" * (n // 5) + "<!-- -- " * (n // 10),
    "blanks": lambda n: "<form><input " + ("a" + " " * 900) * (n // 500) + ">",
    "word": lambda n: "<form><label>" + "a" * n + "</label><input name=" + "b" * n + ">",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_page_is_read_in_the_time_of_its_size(kind: str) -> None:
    growth.assert_linear(lambda size: bounded(found(HOSTILE[kind](size))), 500_000)


def bounded(result: list[models.Form]) -> None:
    assert len(result) <= 550 and sum(len(form.fields) for form in result) <= 10_000
