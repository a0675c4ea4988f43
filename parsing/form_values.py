"""What a browser sends for a form that nobody touched: the values that stand in it, and its first button."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Inputs that send nothing by themselves.
SILENT = frozenset({"submit", "button", "reset", "image", "file"})

#: Controls of one form that are read.
MOST = 1000


def of_form_with(tree: LexborHTMLParser, name: str) -> dict[str, str]:
    """The values of the form that has a password field of this name, and of its first button; {} where there is none.

    >>> page = "<form><input name=p type=password><select name=s><option value=1>a</select><button name=go>Go</button></form>"
    >>> of_form_with(LexborHTMLParser(page), "p")
    {'p': '', 's': '1', 'go': ''}
    """
    for form in tree.css("form"):
        fields = form.css("input, select, textarea, button")[:MOST]
        if any(_is_password(one, name) for one in fields):
            return _values(fields)
    return {}


def _is_password(node: LexborNode, name: str) -> bool:
    return _type(node) == "password" and node.attrs.get("name") == name


def _values(fields: list[LexborNode]) -> dict[str, str]:
    found: dict[str, str] = {}
    has_button = False
    for one in fields:
        name = one.attrs.get("name") or ""
        is_button = _type(one) == "submit"
        sends = not is_button or not has_button
        has_button = has_button or is_button
        if name and sends and "disabled" not in one.attrs and (value := _value(one)) is not None:
            found[name] = value
    return found


def _value(node: LexborNode) -> str | None:
    """What a control sends; None = nothing."""
    kind = _type(node)
    if node.tag == "select":
        chosen = node.css_first("option[selected]") or node.css_first("option:not([disabled])")
        return None if chosen is None else str(chosen.attrs.get("value") if "value" in chosen.attrs else chosen.text().strip())
    if node.tag == "textarea":
        return node.text()
    if kind in ("checkbox", "radio"):
        return str(node.attrs.get("value") or "on") if "checked" in node.attrs else None
    return None if kind in SILENT - {"submit"} else str(node.attrs.get("value") or "")


def _type(node: LexborNode) -> str:
    otherwise = "submit" if node.tag == "button" else "text"
    return (node.attrs.get("type") or otherwise).strip().lower() if node.tag in ("input", "button") else ""
