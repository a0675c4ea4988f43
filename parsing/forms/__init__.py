"""The forms of a page: what each is for, what its fields are for, and what a person has to do to send it.

Types of forms and fields are told by linear models over facts (`features.py`), fitted on labelled pages. What the facts do not
tell is "other".
"""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import models
from parsing import hrefs
from parsing.forms import containers, features, possible, reading, signs, weights
from parsing.forms.elements import Control, Group

MAX_OPTIONS = reading.MAX_OPTIONS
PURPOSES = {
    "search": "search",
    "login": "login",
    "registration": "register",
    "password/login recovery": "recover",
    "contact/comment": "contact",
    "join mailing list": "subscribe",
    "order/add to cart": "order",
}
LENGTHS, RANGES = ("maxlength", "minlength", "pattern", "inputmode"), ("min", "max", "step")
CONSTRAINTS = (*LENGTHS, *RANGES, "accept", "multiple", "readonly", "disabled", "formaction")


def discover(html: str, *, url: str) -> list[models.Form]:
    """The forms of a page, in its order; after them groups of fields that stand in no `<form>`, as pages made by scripts have.

    `url` is the page's address. Broken and hostile pages are read in bounded time. Raises DataError for a page that is too large.

    >>> [form] = discover("<form action=/s><input name=q type=search><button>Search</button></form>", url="https://a.example/")
    >>> form.form_type, form.action, [field.field_type for field in form.fields]
    ('search', 'https://a.example/s', ['search query', 'submit button'])
    """
    page = reading.page(html)
    base = hrefs.absolute(page.base, url) or url
    return [_form(group, base, url) for group in (*page.groups, *containers.of(page.loose))]


def _form(group: Group, base: str, url: str) -> models.Form:
    form_type, confidence = signs.stated_form(group) or weights.fitted(weights.FORMS).best(
        features.of_form(group, urlsplit(url).path)
    )
    if form_type == "join mailing list" and possible.is_leaving(group):
        form_type = "other"
    fields = _fields(group, form_type)
    hidden = {control.name: control.attrs.get("value", "") for control in group.controls if _is_sent(control)}
    hidden.pop("", None)
    action = "" if group.is_formless else hrefs.absolute(group.attrs.get("action", "").strip() or url, base) or ""
    method = signs.method_of(group)
    return models.Form(
        form_type=form_type,
        fields=fields,
        action=action,
        method=method,
        purpose=purpose_of(form_type),
        signature=signs.signature(fields, hidden, action, method),
        has_csrf=signs.has_csrf(group),
        has_captcha=signs.has_captcha(group, fields),
        steps=signs.steps(fields, has_captcha=signs.has_captcha(group, fields)),
        hidden=hidden,
        confidence=round(confidence, 3),
        is_formless=group.is_formless,
    )


def purpose_of(form_type: str) -> str:
    """What a form of a type is for, in one word."""
    return PURPOSES.get(form_type, "other")


def form_types() -> list[str]:
    """The types of forms that there are."""
    return weights.fitted(weights.FORMS).types


def field_types() -> list[str]:
    """The types of fields that there are."""
    return weights.fitted(weights.FIELDS).types


def _is_sent(control: Control) -> bool:
    """Whether a browser sends a hidden field as it is."""
    return control.type == "hidden" and "disabled" not in control.attrs


def _fields(group: Group, form_type: str) -> tuple[models.FormField, ...]:
    controls = [control for control in group.controls if control.type != "hidden"]
    facts = features.of_fields(controls, form_type)
    types = [_type(group, control, told) for control, told in zip(controls, facts, strict=True)]
    fields: list[models.FormField] = []
    for together, (field_type, confidence) in _joined(controls, types):
        fields.append(_field(together, field_type, confidence))
    return tuple(fields)


def _type(group: Group, control: Control, facts: Iterable[str]) -> tuple[str, float]:
    """What a field is for: as the page states it, else by the model, among what it can be."""
    if possible.is_trap(control, group.attrs):
        return "honeypot", 1.0
    return signs.stated(control) or weights.fitted(weights.FIELDS).best(facts, possible.of(control))


def _joined(controls: Sequence[Control], types: Sequence[tuple[str, float]]) -> list[tuple[list[Control], tuple[str, float]]]:
    """Radio buttons and boxes of one name together, with the type of the first of them."""
    found: dict[object, tuple[list[Control], tuple[str, float]]] = {}
    for at, (control, told) in enumerate(zip(controls, types, strict=True)):
        key = (control.name, control.type) if control.name and control.type in features.BOXES else at
        found.setdefault(key, ([], told))[0].append(control)
    return list(found.values())


def _field(together: list[Control], field_type: str, confidence: float) -> models.FormField:
    first = together[0]
    return models.FormField(
        field_type=field_type,
        name=first.name,
        type=first.type[:30],
        label=_label(together),
        required=any("required" in one.attrs or one.attrs.get("aria-required") == "true" for one in together),
        options=_options(together),
        constraints={name: first.attrs[name][:500] for name in CONSTRAINTS if name in first.attrs},
        autocomplete=first.attrs.get("autocomplete", "").strip().lower()[:100],
        confidence=round(confidence, 3),
    )


def _label(together: list[Control]) -> str:
    text = together[0].before[-80:] if len(together) > 1 else features.shown(together[0])
    return text.strip(" :*\u00a0")


def _options(together: list[Control]) -> tuple[str, ...]:
    first = together[0]
    if first.tag == "select":
        return tuple(text or value for text, value in zip(first.options, first.values, strict=True))
    if len(together) > 1 or first.type == "radio":
        return tuple(one.attrs.get("value", "on")[:200] for one in together[:MAX_OPTIONS])
    return ()
