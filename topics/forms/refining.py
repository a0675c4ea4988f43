"""What rules are not sure of in the forms of a page, asked of a language model: types of forms and of fields, and nothing else.

Only what is asked for counts, and only as one of the known types. So a page that talks to the model changes at most what nobody
was sure of. No field is ever added. An answer is kept with its form, by its signature: it is paid once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from parsing import forms
from parsing.forms import features
from state.forms import pages
from state.forms.pages import Page
from state.store import connection
from topics import llm

#: Less sure (0…1) is not sure. Buttons are not asked about.
FORM_SURE, FIELD_SURE = 0.7, 0.6

MOST_ASKED, MOST_CHARS, MOST_TEXT, MOST_OPTIONS, ANSWER_TOKENS = 60, 12_000, 80, 6, 2500

SYSTEM = (
    "Say what forms of a web page and their fields are for. Each form and each field in question has a number; answer for these "
    "numbers alone, with one of the given types. Where the page does not tell, leave the number out: never guess."
)

Facts = dict[str, Any]


def refined(page: Page) -> tuple[Page, Facts]:
    """The page with what a model says of what rules are not sure of, kept; and who answered, for how much, or why nobody did."""
    asked = list(_unsure(page))[:MOST_ASKED]
    if not asked:
        return page, {"by": "rules"}
    told = llm.try_to_ask(_request(page, asked), purpose="forms", scopes=(f"network:{page.network}",))
    if told.reply is None:
        return page, told.note
    made = _applied(page, asked, told.reply)
    with connection.errors_translated():
        if (now := pages.find(page.id)) is not None and now.forms == page.forms:  # else a discovery came in between
            pages.put(replace(now, forms=made.forms))
    return made, told.note


def shown(form: Mapping[str, Any]) -> Facts:
    """A form as it is told: with what the model said in place of what rules were not sure of, which stays beside it."""
    said = form.get("refined") or {}
    plain = {name: value for name, value in form.items() if name != "refined"}
    kept = {**plain, "by": "rules", "fields": [{**one, "by": "rules"} for one in form["fields"]]}
    if not said:
        return kept
    if kind := said.get("form_type"):
        kept |= {"form_type": kind, "purpose": forms.purpose_of(kind), "by": "llm", "by_rules": form["form_type"]}
    for at, kind in said.get("fields", {}).items():
        if not at.isdecimal() or int(at) >= len(kept["fields"]):  # of a file that was imported
            continue
        one = kept["fields"][int(at)]
        kept["fields"][int(at)] = {**one, "field_type": kind, "by": "llm", "by_rules": one["field_type"]}
    return kept


def carried(new: Facts, before: Sequence[Mapping[str, Any]]) -> Facts:
    """A form that was found again, with what a model said of the same one before."""
    same = next((one for one in before if one["signature"] == new["signature"] and one.get("refined")), None)
    is_same = same is not None and len(same["fields"]) == len(new["fields"])
    return {**new, "refined": same["refined"]} if same is not None and is_same else new


def _unsure(page: Page) -> Iterator[tuple[int, int | None]]:
    """What rules are not sure of, and no model was asked about: (form, None) or (form, field)."""
    for nth, form in enumerate(page.forms):
        if form.get("refined") is not None:
            continue
        if form.get("confidence", 1.0) < FORM_SURE:
            yield nth, None
        for at, field in enumerate(form["fields"]):
            if field.get("confidence", 1.0) < FIELD_SURE and field["type"] not in features.BUTTONS:
                yield nth, at


def _request(page: Page, asked: Sequence[tuple[int, int | None]]) -> llm.Request:
    numbers = {one: number for number, one in enumerate(asked, 1)}
    told = [_told(nth, form, numbers) for nth, form in enumerate(page.forms) if any(one == nth for one, _ in asked)]
    data = llm.fenced(json.dumps({"title": page.title, "forms": told}, ensure_ascii=False), MOST_CHARS)
    kinds = f"Types of forms: {', '.join(forms.form_types())}.\nTypes of fields: {', '.join(forms.field_types())}."
    return llm.Request((llm.Message("user", data.text),), f"{SYSTEM}\n{kinds}\n\n{data.rule}", ANSWER_TOKENS, _schema(len(asked)))


def _told(nth: int, form: Mapping[str, Any], numbers: Mapping[tuple[int, int | None], int]) -> Facts:
    fields = [_field(one, numbers.get((nth, at))) for at, one in enumerate(form["fields"])]
    number = {"number": numbers[nth, None]} if (nth, None) in numbers else {"form_type": form["form_type"]}
    return {**number, "action": form["action"][:200], "method": form["method"], "fields": fields}


def _field(field: Mapping[str, Any], number: int | None) -> Facts:
    told: Facts = {name: str(field[name])[:MOST_TEXT] for name in ("name", "type", "label", "autocomplete") if field.get(name)}
    options = [str(one)[:MOST_TEXT] for one in field["options"][:MOST_OPTIONS]]
    told |= {"options": options} if options else {}
    return {"number": number, **told} if number else {**told, "field_type": field["field_type"]}


def _schema(most: int) -> Facts:
    kinds = sorted({*forms.form_types(), *forms.field_types()})
    one = {
        "type": "object",
        "properties": {"number": {"type": "integer", "minimum": 1, "maximum": most}, "type": {"enum": kinds}},
        "required": ["number", "type"],
        "additionalProperties": False,
    }
    answers = {"type": "array", "items": one, "maxItems": most}
    return {"type": "object", "properties": {"answers": answers}, "required": ["answers"], "additionalProperties": False}


def _applied(page: Page, asked: Sequence[tuple[int, int | None]], reply: llm.Reply) -> Page:
    """The page, each form that was asked about with what was said; a form is asked about once, whatever came of it."""
    said: dict[int, Facts] = {nth: {"model": reply.model, "fields": {}} for nth, _ in asked}
    for one in reply.data["answers"]:
        nth, at = asked[int(one["number"]) - 1]
        if at is None and one["type"] in forms.form_types():
            said[nth]["form_type"] = one["type"]
        elif at is not None and one["type"] in forms.field_types():
            said[nth]["fields"][str(at)] = one["type"]
    made = [{**form, "refined": said[nth]} if nth in said else form for nth, form in enumerate(page.forms)]
    return replace(page, forms=tuple(made))
