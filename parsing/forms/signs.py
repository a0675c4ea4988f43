"""What can be told of a form without a model: tokens, captchas, steps, and the signature by which it is known again."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

import models
from parsing.forms import features
from parsing.forms.elements import Control, Group

METHODS = frozenset({"get", "post", "dialog"})
CSRF = re.compile(
    r"csrf|xsrf|authenticity.?token|request.?verification.?token|^_?(?:wp)?nonce$|^_wpnonce|form.?(?:token|key|build.?id)$|^_?token$"
    r"|security.?token|anti.?forgery|^__?viewstate(?:generator)?$|^__eventvalidation$|^sesskey$|^fkey$",
    re.IGNORECASE,
)
CAPTCHA = re.compile(
    r"captcha|turnstile|challenges\.cloudflare|arkoselabs|funcaptcha|geetest|friendly-?challenge|mtcaptcha|solvemedia",
    re.IGNORECASE,
)
#: Names of `autocomplete` in the HTML standard that say all about a field. "name", "username" and "new-password" do not.
STATED = {
    "given-name": "first name", "additional-name": "middle name", "family-name": "last name", "organization": "organization name",
    "street-address": "address", "address-line1": "address line 1", "address-line2": "address line 2", "address-level1": "state",
    "address-level2": "city", "country": "country", "country-name": "country", "postal-code": "postal code",
    "bday": "full birth date", "bday-day": "day of birth", "bday-month": "month of birth", "bday-year": "year of birth",
    "sex": "gender", "tel": "phone",
    "tel-country-code": "phone country code", "tel-national": "phone", "one-time-code": "pin code received by sms/...",
    "cc-name": "credit card holder name", "cc-number": "credit card number", "cc-csc": "credit card security code",
    "cc-exp-month": "credit card expiration month", "cc-exp-year": "credit card expiration year", "current-password": "password",
}  # fmt: skip
BUTTONS = frozenset({"submit button", "cancel button", "reset/clear button", "other button"})
UNREACHED = {"readonly", "disabled"}
#: Fields that a person does not fill.
UNFILLED = BUTTONS | {"captcha", "honeypot", "other read-only", "remember me checkbox"}


def stated(control: Control) -> tuple[str, float] | None:
    """The type that a page itself states by `autocomplete`, with a likelihood of 1; None where that says too little."""
    name = control.attrs.get("autocomplete", "").lower().split()[-1:]
    return (STATED[name[0]], 1.0) if name and name[0] in STATED and control.type not in features.BUTTONS else None


def method_of(group: Group) -> str:
    """How a form is sent. What HTML does not know is `get`."""
    method = group.attrs.get("method", "").strip().lower()
    return method if method in METHODS else "get"


def has_csrf(group: Group) -> bool:
    """Whether a hidden field is a token against forged requests."""
    return any(CSRF.search(control.name) for control in group.controls if control.type == "hidden")


def has_captcha(group: Group, fields: Sequence[models.FormField]) -> bool:
    """Whether a form has a captcha: a field of it, a frame, a widget."""
    names = (f"{control.name} {control.attrs.get('id', '')}" for control in group.controls)
    return any(field.field_type == "captcha" for field in fields) or any(map(CAPTCHA.search, (*group.frames, *names)))


def stated_form(group: Group) -> tuple[str, float] | None:
    """The type of a form that leaves no doubt: one that sends a mail, or has one field for a step of a login or a code.

    Logins in two steps ask for a name on one page, and for a password on the next.
    """
    if group.attrs.get("action", "").strip().lower().startswith("mailto:"):
        return "contact/comment", 0.9
    typed = [one for one in group.controls if one.type not in (*features.BUTTONS, *features.BOXES, "hidden")]
    if len(typed) != 1 or typed[0].tag != "input":
        return None
    told = set(typed[0].attrs.get("autocomplete", "").lower().split())
    if "one-time-code" in told:
        return "other", 0.8
    if "username" in told or (typed[0].type == "password" and "new-password" not in told):
        return "login", 0.9
    return None


def steps(fields: Iterable[models.FormField], *, has_captcha: bool) -> tuple[str, ...]:
    """What a person has to do in order: what must be filled, or all where the page marks nothing; the captcha; the button."""
    shown = list(fields)
    inputs = [field for field in shown if field.field_type not in UNFILLED and not UNREACHED & field.constraints.keys()]
    needed = [field for field in inputs if field.required] or inputs
    found = [f"fill: {_called(field)}" for field in needed]
    found += ["solve: captcha"] * has_captcha
    button = next((field for field in shown if field.field_type == "submit button"), None)
    return (*found, f"submit: {_called(button)}" if button else "submit")


def signature(fields: Sequence[models.FormField], hidden: Mapping[str, str], action: str, method: str) -> str:
    """32 hexadecimal digits, the same for forms of one structure. Values, labels and the query of the target do not count."""
    structure = [method, action.partition("?")[0].partition("#")[0], sorted(hidden), [[one.name, one.type] for one in fields]]
    return hashlib.sha256(json.dumps(structure).encode()).hexdigest()[:32]


def _called(field: models.FormField) -> str:
    return (field.label or field.name or field.field_type)[:80]
