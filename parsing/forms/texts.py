"""Which texts of a page belong to which field: labels, headings, what stands before and after it."""

import html
import re

from parsing.forms.elements import MAX_TEXT, Control, Page

COMMENT = re.compile(rb"<!--(?:[^-]++|-(?!->))*+(?:-->)?")
MAX_PARTS = 20  # of one label, heading or link
NEAR = 80  # characters


class Texts:
    """The place that has been reached in a page, and the texts that are being read there."""

    def __init__(self) -> None:
        self.page = Page([], [])
        self.open: list[int] = []  # numbers of open forms
        self.controls: list[Control] = []
        self.labels: dict[str, str] = {}  # by the id that a label is for
        self.label: tuple[str, list[str], list[Control]] | None = None
        self.button: Control | None = None
        self.select: Control | None = None
        self.heading: list[str] | None = None
        self.link: list[str] | None = None
        self.last_heading = ""
        self.recent: list[str] = []  # texts since the last field

    def text(self, source: bytes, raw: bytes) -> None:
        """What stands between two tags; `raw` names the start tag before it where no markup follows that."""
        if raw == b"title" and not self.page.title:
            self.page.title = clean(source)
        if raw or not source or source.isspace():
            return
        text = clean(COMMENT.sub(b" ", source) if b"<!--" in source else source)
        if not text:
            return
        if self.select is not None:
            if self.select.options:
                self.select.options[-1] = f"{self.select.options[-1]} {text}".strip()[:MAX_TEXT]
            return
        if self.label is not None and len(self.label[1]) < MAX_PARTS:
            self.label[1].append(text)
        if self.button is not None:
            self.button.text = f"{self.button.text} {text}".strip()[:MAX_TEXT]
            return
        for parts in (self.heading, self.link):
            if parts is not None and len(parts) < MAX_PARTS:
                parts.append(text)
        self._beside(text)

    def _beside(self, text: str) -> None:
        if len(self.recent) > 12:
            del self.recent[:6]
        self.recent.append(text[-MAX_TEXT:])
        last = self.controls[-1] if self.controls else None
        if last is not None and len(last.after) < NEAR:
            last.after = f"{last.after} {text}".strip()[:MAX_TEXT]
        if self.open and len(self.page.groups[self.open[-1]].text) < 200:
            self.page.groups[self.open[-1]].text.append(text[:MAX_TEXT])

    def end_label(self) -> None:
        """The end of a label: its text belongs to the field it names, or to those inside."""
        if self.label is None:
            return
        target, parts, inside = self.label
        text = " ".join(parts)[:MAX_TEXT]
        if target and text:
            self.labels.setdefault(target, text)
        for control in inside:
            control.label = control.label or text
        self.label = None

    def end_heading(self) -> None:
        """The end of a heading."""
        text = " ".join(self.heading or ())[:MAX_TEXT]
        if text and self.open:
            add(self.page.groups[self.open[-1]].headings, text)
        self.last_heading = text or self.last_heading
        self.heading = None


def clean(source: bytes) -> str:
    """A piece of a page as text, in one line."""
    text = source[:2_000].decode("utf-8", "replace")
    return " ".join((html.unescape(text) if "&" in text else text).split())


def add(parts: list[str], text: str) -> None:
    """Adds a text to some, as long as they are few."""
    if text and len(parts) < 50:
        parts.append(text[:MAX_TEXT])
