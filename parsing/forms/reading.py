"""What stands in the forms of a page, read from its tags in one pass: time grows with the page, however broken or deep it is.

A field belongs to the form that its `form=` names, else to the innermost form open where it stands. The tree of a page does not
tell that: a form inside of a table has no children there, and a form inside of a form is not there at all.
"""

import html
import re

import errors
from parsing import tree
from parsing.forms.elements import MAX_TEXT, Control, Group, Page
from parsing.forms.texts import Texts, add

MAX_FORMS = 500
MAX_FIELDS = 10_000  # of a page; further ones are not read
MAX_OPTIONS = 300
MAX_OPEN, LEVELS = 400, 30  # containers: open at once, kept of a field
CONTAINERS = frozenset(
    b"div section main article aside header footer nav fieldset table tr td ul ol li dialog template p dl dd".split()
)
HEADINGS = frozenset((b"h1", b"h2", b"h3", b"h4", b"h5", b"legend"))
CONTROLS = frozenset((b"input", b"select", b"textarea", b"button"))
ATTRIBUTE = re.compile(r"""([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?""")


def attributes(source: str) -> dict[str, str]:
    """The attributes of one tag; the first of a name counts.

    >>> attributes(" type=text required value='a &amp; b'")
    {'type': 'text', 'required': '', 'value': 'a & b'}
    """
    found: dict[str, str] = {}
    for name, *values in ATTRIBUTE.findall(source[:20_000]):
        value = next((value for value in values if value), "")
        found.setdefault(name.lower(), html.unescape(value) if "&" in value else value)
    return found


def page(source: str) -> Page:
    """The forms of a page in its order. Raises DataError for a page of more than `tree.MAX_CHARACTERS`."""
    if len(source) > tree.MAX_CHARACTERS:
        raise errors.DataError(f"The page has {len(source):,} characters. Pages of up to {tree.MAX_CHARACTERS:,} are read.")
    return _Reader(source.encode("utf-8", "replace")).read()


class _Containers:
    """The containers open at a place of the page, each with a number of its own. A wrong end tag closes nothing."""

    def __init__(self) -> None:
        self.stack: list[tuple[bytes, int]] = []
        self.opened: dict[bytes, int] = {}
        self.count = 0

    def enter(self, name: bytes) -> None:
        """A start tag."""
        if len(self.stack) < MAX_OPEN:
            self.count += 1
            self.stack.append((name, self.count))
            self.opened[name] = self.opened.get(name, 0) + 1

    def leave(self, name: bytes) -> None:
        """An end tag: closes what stands open inside, too."""
        while self.opened.get(name):
            last, _ = self.stack.pop()
            self.opened[last] -= 1
            if last == name:
                return

    def path(self) -> tuple[int, ...]:
        """The numbers of the innermost ones, the outermost of them first."""
        return tuple(number for _, number in self.stack[-LEVELS:])


class _Reader(Texts):
    """One pass over the tags of a page."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.source = source
        self.containers = _Containers()
        self.fieldsets: list[bool] = []  # those open, and whether each is disabled
        self.is_in_legend = False  # fields there stay enabled

    def read(self) -> Page:
        at, raw = 0, b""
        for match in tree.tags(self.source):
            if match.start() > at:
                self.text(self.source[at : match.start()], raw)
            at = match.end()
            name = match[3].lower()
            raw = name if name in tree.RAW and not match[2] else b""
            if match[2]:
                self._end(name)
            else:
                self._start(name, match)
        self.text(self.source[at:], raw)
        self._finish()
        return self.page

    def _start(self, name: bytes, match: re.Match[bytes]) -> None:
        if name in CONTAINERS or b"-" in name:
            self.containers.enter(name)
        if name == b"fieldset":
            self.fieldsets.append("disabled" in self._attributes(match))
        self.is_in_legend = self.is_in_legend or name == b"legend"
        if name in CONTROLS:
            self._control(name.decode(), self._attributes(match))
        elif name == b"form":
            self._form(self._attributes(match))
        elif name == b"label":
            self.label = (self._attributes(match).get("for", ""), [], [])
        elif name == b"option" and self.select is not None:
            self._option(self._attributes(match))
        elif name in HEADINGS:
            self.heading = []
        elif name == b"a":
            self.link = []
        elif name in (b"iframe", b"div", b"img") and self.open:
            self._sign(self._attributes(match))
        elif name == b"base" and self.page.base is None:
            self.page.base = self._attributes(match).get("href")

    def _attributes(self, match: re.Match[bytes]) -> dict[str, str]:
        return attributes(self.source[match.end(3) : match.end()].decode("utf-8", "replace").rstrip(">"))

    def _form(self, attrs: dict[str, str]) -> None:
        if len(self.page.groups) >= MAX_FORMS:
            return
        self.open.append(len(self.page.groups))
        self.page.groups.append(Group(attrs, heading=self.last_heading))
        self.recent = []

    def _end(self, name: bytes) -> None:
        if name == b"form" and self.open:
            self.open.pop()
        elif name == b"label" and self.label is not None:
            self.end_label()
        elif name == b"button":
            self.button = None
        elif name == b"select":
            self.select = None
        elif name in HEADINGS and self.heading is not None:
            self.end_heading()
        elif name == b"a" and self.link is not None:
            if self.open:
                add(self.page.groups[self.open[-1]].links, " ".join(self.link))
            self.link = None
        if name == b"fieldset" and self.fieldsets:
            self.fieldsets.pop()
        self.is_in_legend = self.is_in_legend and name not in (b"legend", b"fieldset")
        if name in CONTAINERS or b"-" in name:
            self.containers.leave(name)

    def _control(self, tag: str, attrs: dict[str, str]) -> None:
        if len(self.controls) >= MAX_FIELDS:
            return
        if any(self.fieldsets) and not self.is_in_legend:
            attrs = {**attrs, "disabled": ""}
        form = self.open[-1] if self.open else None
        control = Control(tag, attrs, len(self.controls), form, path=self.containers.path())
        self.controls.append(control)
        if control.type == "hidden":
            return
        control.before = " ".join(self.recent)[-MAX_TEXT:]
        self.recent = []
        self.button = control if tag == "button" else None
        self.select = control if tag == "select" else None
        if self.label is not None:
            self.label[2].append(control)

    def _option(self, attrs: dict[str, str]) -> None:
        if self.select is not None and len(self.select.options) < MAX_OPTIONS:
            self.select.options.append("")
            self.select.values.append(attrs.get("value", "")[:MAX_TEXT])

    def _sign(self, attrs: dict[str, str]) -> None:
        signs = self.page.groups[self.open[-1]].frames
        for name in ("src", "class", "id", "data-sitekey"):
            if attrs.get(name) and len(signs) < 200:
                signs.append(attrs[name][:MAX_TEXT])

    def _finish(self) -> None:
        self.end_label()
        numbers = {group.attrs["id"]: at for at, group in reversed(list(enumerate(self.page.groups))) if group.attrs.get("id")}
        for control in self.controls:
            if (name := control.attrs.get("id")) and name in self.labels:
                control.label = self.labels[name]
            owner = numbers.get(control.attrs.get("form", ""), control.form)
            (self.page.loose if owner is None else self.page.groups[owner].controls).append(control)
