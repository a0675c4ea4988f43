"""What a field can be at all, by its own type, and what a page states of fields that people must not fill."""

import re
from collections.abc import Callable, Mapping

from parsing.forms import features
from parsing.forms.elements import Control, Group

SENDING = frozenset({"submit button", "cancel button", "reset/clear button", "other button", "navigation"})
DATES = frozenset({"date", "datetime", "datetime-local", "month", "week"})
DATED = frozenset({"full date", "full birth date", "day", "month", "year", "day of birth", "month of birth", "year of birth"})
UPLOADS = frozenset({"other file upload", "picture/avatar upload"})

#: Names of fields that wait for programs (Mailchimp, Formspree, FormSubmit, Netlify, plugins of WordPress; 2026-11).
TRAPS = re.compile(
    r"b_[0-9a-f]{3,40}_[0-9a-f]{3,40}|_?(?:gotcha|honey|honeypot|hp)(?:[_-]?(?:field|email|url|name))?|(?:field_)?honeypot.*"
    r"|bot[_-]?field|botcheck|ak_hp_textarea|ninja_forms_honeypot|wpforms\[hp\]|form_fields\[honeypot\]",
    re.IGNORECASE,
)
TRAP_MARKS = ("netlify-honeypot", "data-netlify-honeypot", "data-honeypot")

#: Words of a form that takes an address from a list.
LEAVING = re.compile(
    r"\bunsubscri|\bopt[ -]?out\b|\babmeld|\babbestell|\bdésabonn|\bdésinscri|\bdarse de baja|\bcancelar (?:la )?suscripci"
    r"|\bdisiscri|\bcancella(?:ti|mi)|\bafmeld|\buitschrijv|\bwypis|\bavregistrer|\bframeld|\bотпис",
    re.IGNORECASE,
)


def of(control: Control) -> Callable[[str], bool] | None:
    """Which types of fields a control can have; None: any."""
    if control.type in features.BUTTONS:
        return None
    if control.type in DATES:
        return DATED.__contains__
    if control.type == "file":
        return UPLOADS.__contains__
    return lambda name: name not in SENDING


def is_trap(control: Control, marks: Mapping[str, str]) -> bool:
    """Whether a field is there to catch programs. `marks`: the attributes of its form.

    >>> is_trap(Control("input", {"name": "b_0a1b2c_3d4e"}, 0), {}), is_trap(Control("input", {"name": "honeymoon"}, 0), {})
    (True, False)
    """
    if not control.name or control.type in features.BUTTONS:
        return False
    return bool(TRAPS.fullmatch(control.name)) or control.name in {marks.get(mark) for mark in TRAP_MARKS}


def is_leaving(group: Group) -> bool:
    """Whether a form says that it takes an address from a list."""
    buttons = [f"{one.text} {one.attrs.get('value', '')}" for one in group.controls if one.type in features.BUTTONS]
    return any(LEAVING.search(text) for text in (group.attrs.get("action", ""), *buttons, *group.headings))
