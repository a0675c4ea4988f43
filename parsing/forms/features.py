"""What the models see of a form and of a field: names of facts that hold. `weights.py` gives each a weight for each type."""

from collections import Counter
from collections.abc import Sequence

from parsing.forms import words
from parsing.forms.elements import Control, Group

BUTTONS = frozenset({"submit", "button", "image", "reset"})
BOXES = frozenset({"checkbox", "radio"})
TYPED = {"text", "password", "email", "tel", "url", "search", "number", "date", "textarea"}
TYPES = BUTTONS | BOXES | TYPED | {"file", "select"}
MOST_CONCEPTS = 40  # fields of a form whose words are read for the form's own type
#: Concepts that say something about the other fields of a form.
TELLING = ("email", "username", "password", "firstname", "lastname", "fullname", "search", "comment", "phone", "zip")
UNSEEN = ("display:none", "visibility:hidden", "left:-", "top:-", "opacity:0;")
FORM_WORDS = ("id", "class", "name")
Facts = set[str]


def kind(control: Control) -> str:
    """The type of a field among those that browsers know; an unknown one is shown as text."""
    return control.type if control.type in TYPES else "text"


def of_form(group: Group, path: str) -> Facts:
    """The facts of one form. `path` is the path of its page's address."""
    kinds = Counter(kind(control) for control in group.controls if control.type != "hidden")
    typed = [control for control in group.controls if kind(control) not in BUTTONS | BOXES and control.type != "hidden"]
    facts = {"bias", f"method {group.attrs.get('method', 'get').strip().lower()[:6]}"}
    facts |= {f"{name} {_bin(kinds[name])}" for name in TYPES}
    facts |= {f"typed {_bin(len(typed))}", f"all {_bin(sum(kinds.values()))}", f"hidden {_bin(_hidden(group))}"}
    facts |= {f"password {_bin(kinds['password'])} typed {_bin(len(typed))}"}
    if not group.attrs.get("action"):
        facts.add("no action")
    for name in FORM_WORDS:
        facts |= _said("form", group.attrs.get(name, ""))
    facts |= _said("action", group.attrs.get("action", "").partition("?")[0])
    facts |= {f"page: {concept}" for concept in words.concepts(path)}
    facts |= _said("before", group.heading, raw=False)
    facts |= _said("heading", " ".join(group.headings)[:300])
    facts |= {f"link: {concept}" for text in group.links[:20] for concept in words.concepts(text)}
    facts |= {f"text: {concept}" for text in group.text[:40] for concept in words.concepts(text)}
    facts |= _of_controls(group, typed)
    return facts


def _hidden(group: Group) -> int:
    return sum(control.type == "hidden" for control in group.controls)


def _of_controls(group: Group, typed: list[Control]) -> Facts:
    facts: Facts = set()
    for control in group.controls[:MOST_CONCEPTS]:
        if control.type == "hidden":
            facts |= {f"hidden: {concept}" for concept in words.concepts(control.name)}
        elif kind(control) in BUTTONS:
            facts |= _said("button", shown(control) or control.attrs.get("name", ""))
            facts |= {f"button name: {concept}" for concept in words.concepts(_names_of_button(control))}
        else:
            shape = "box" if kind(control) in BOXES else "list" if control.tag == "select" else "typed"
            facts |= {f"{shape}: {concept}" for concept in words.concepts(f"{control.name} {control.attrs.get('id', '')}")}
            facts |= {f"{shape} says: {concept}" for concept in words.concepts(shown(control))}
    if len(typed) <= 2:
        for control in typed:
            facts |= {f"few: {concept}" for concept in words.concepts(f"{control.name} {shown(control)}")}
            facts |= {f"few word: {word}" for word in words.split(control.name)[:6]}
    return facts


def _names_of_button(control: Control) -> str:
    """What the page itself calls a button; a picture's file name tells what it shows."""
    picture = control.attrs.get("src", "").rpartition("/")[2] if control.type == "image" else ""
    return " ".join([control.name, control.attrs.get("id", ""), control.attrs.get("class", "")[:80], picture[:80]])


def of_fields(controls: Sequence[Control], form_type: str) -> list[Facts]:
    """The facts of each visible field of a form, in its order."""
    own = [_of_field(control, form_type) for control in controls]
    names = [words.concepts(f"{control.name} {shown(control)}") for control in controls]
    seen: Counter[str] = Counter()
    total = Counter(map(kind, controls))
    same = Counter(control.name for control in controls)
    common = {f"with {concept}" for concept in TELLING for name in names if concept in name}
    for at, (control, facts) in enumerate(zip(controls, own, strict=True)):
        seen[kind(control)] += 1
        facts |= common
        facts |= {f"{concept} in {form_type}" for concept in names[at]}
        facts.add(f"{kind(control)} of {_bin(same[control.name])}")
        facts.add(f"{kind(control)} {_bin(seen[kind(control)])} of {_bin(total[kind(control)])}")
        for side, other in (("prev", at - 1), ("next", at + 1), ("prev2", at - 2)):
            if 0 <= other < len(controls):
                facts.add(f"{side} {kind(controls[other])}")
                facts |= {f"{side}: {concept}" for concept in names[other]}
            else:
                facts.add(f"{side} none")
        for concept in names[at]:
            seen[f": {concept}"] += 1
            if seen[f": {concept}"] > 1:
                facts.add(f"another {concept}")
    return own


def _of_field(control: Control, form_type: str) -> Facts:
    shape, attrs = kind(control), control.attrs
    facts = {"bias", shape, f"in {form_type}", f"{shape} in {form_type}"}
    facts |= _said("name", control.name) | _said("id", attrs.get("id", "")) | _said("class", attrs.get("class", ""), raw=False)
    facts |= {f"{shape} {fact}" for fact in _said("name", control.name, raw=False)}
    facts |= {f"name ends {word}" for word in words.split(control.name)[-1:]}
    says = shown(control)
    facts |= _said("says", says) | {f"{shape} says: {concept}" for concept in words.concepts(says)}
    facts |= _said("hint", attrs.get("placeholder", "") + " " + attrs.get("title", ""), raw=False)
    facts |= _said("before", control.before[-60:], raw=False) | _said("after", control.after[:60], raw=False)
    if shape not in BUTTONS:
        facts |= _said("value", attrs.get("value", ""), raw=False)
    facts |= {f"fills {word}" for word in attrs.get("autocomplete", "").lower().split()[:4]}
    facts |= {name for name in ("required", "readonly", "disabled", "multiple", "checked", "pattern") if name in attrs}
    if is_unseen(control):
        facts.add("unseen")
    facts.add(f"long {attrs.get('maxlength', '')[:3]}")
    if control.tag == "select":
        facts.add(f"options {_bin(len(control.options))}")
        texts = control.options[:3] + control.options[-3:]
        facts |= _said("option", " ".join(texts), raw=False)
        facts |= _numbers(control.options)
    return facts


def is_unseen(control: Control) -> bool:
    """Whether a page says that a field is not to be seen, as far as the field itself tells."""
    attrs = control.attrs
    style = attrs.get("style", "").lower().replace(" ", "")
    return "hidden" in attrs or any(sign in style for sign in UNSEEN) or attrs.get("aria-hidden") == "true"


def shown(control: Control) -> str:
    """What a reader sees of a field: its label, else its hint, else the text before or after it."""
    attrs = control.attrs
    if kind(control) in BUTTONS:
        return (
            control.text
            or attrs.get("value", "")
            or attrs.get("alt", "")
            or attrs.get("aria-label", "")
            or attrs.get("title", "")
        )
    own = control.label or attrs.get("aria-label", "") or attrs.get("placeholder", "") or attrs.get("title", "")
    if own:
        return own
    return control.after[:80] if kind(control) in BOXES else control.before[-80:]


def _numbers(options: Sequence[str]) -> Facts:
    numbers = [int(option) for option in options if option.strip().isdecimal() and len(option) < 6]
    if len(numbers) < 0.6 * len(options) or not numbers:
        return {"options of words"}
    top = max(numbers)
    return {"options to " + ("12" if top <= 12 else "31" if top <= 31 else "years" if 1900 <= top <= 2100 else "more")}


def _said(where: str, text: str, *, raw: bool = True) -> Facts:
    if not text or text.isspace():
        return set()
    facts = {f"{where}: {concept}" for concept in words.concepts(text)} or {f"{where}: unknown"}
    if raw:
        facts |= {f"{where} word {word}" for word in words.split(text)[:12]}
    return facts


def _bin(count: int) -> str:
    return str(count) if count < 4 else "4-6" if count < 7 else "many"
