"""What a page's forms are made of, as it stands there: fields, groups of fields, the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_TEXT = 200  # characters of a text beside a field


@dataclass(slots=True)
class Control:
    """One field as it stands on the page."""

    tag: str
    attrs: Mapping[str, str]
    number: int  # its place among the fields of the page
    form: int | None = None
    label: str = ""
    before: str = ""
    after: str = ""
    text: str = ""  # of a button
    options: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    path: tuple[int, ...] = ()  # the containers around it, the outermost first

    @property
    def type(self) -> str:
        """`type` of an input or button, else its tag."""
        if self.tag == "input":
            return self.attrs.get("type", "").strip().lower() or "text"
        if self.tag == "button":
            return self.attrs.get("type", "").strip().lower() or "submit"
        return self.tag

    @property
    def name(self) -> str:
        """Its name; "" where it has none."""
        return self.attrs.get("name", "")


@dataclass(slots=True)
class Group:
    """The fields of one form or container, with what stands around them."""

    attrs: Mapping[str, str]
    controls: list[Control] = field(default_factory=list)
    heading: str = ""  # the last one before it
    headings: list[str] = field(default_factory=list)  # inside
    links: list[str] = field(default_factory=list)  # texts of links inside
    text: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)  # addresses and names that show a captcha
    is_formless: bool = False


@dataclass(slots=True)
class Page:
    """What a page has: its forms, the fields outside of them, the address its links start from."""

    groups: list[Group]
    loose: list[Control]
    base: str | None = None
    title: str = ""
