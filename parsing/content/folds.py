"""Parts of a page that its reader folds out: answers below their questions, panels behind tabs.

They are text, though hidden at first. What is hidden and has no button is no text of the page.
"""

from selectolax.lexbor import LexborNode

BUTTONS = "[aria-controls], [data-bs-target], [data-target], a[role='tab'][href^='#']"
NAMES = ("aria-controls", "data-bs-target", "data-target", "href")
OPENS = ("aria-expanded", "aria-selected", "data-bs-toggle", "data-toggle")
MENUS = frozenset(("nav", "header", "form"))
MENU_ROLES = frozenset(("navigation", "dialog", "menu"))
CONTROLS = "input:not([type='hidden']), select, textarea"
LEAST_WORDS = 5
MOST_BUTTONS, MOST_OUTER = 2_000, 40


class Folds:
    """The panels of one page that have a button. They are looked for once it hides something that has a name."""

    def __init__(self, root: LexborNode) -> None:
        self._root = root
        self._named: frozenset[str] | None = None

    def is_panel(self, node: LexborNode, attributes: dict[str, str | None]) -> bool:
        """Whether a hidden element is text that a button of the page folds out."""
        is_tab = attributes.get("role") == "tabpanel" or attributes.get("hidden") == "until-found"
        return (is_tab or self._is_named(attributes.get("id"))) and _is_text(node)

    def is_label(self, node: LexborNode, attributes: dict[str, str | None]) -> bool:
        """Whether a button is the heading of such a panel, be it open or not."""
        if not attributes:
            return False
        target = (attributes.get("aria-controls") or attributes.get("data-bs-target") or "").lstrip("#")
        if not target or not any(name in attributes for name in OPENS) or not self._is_named(target):
            return False
        if attributes.get("aria-haspopup") not in (None, "false") or _is_in_menu(node):
            return False
        panel = next((one for one in self._root.css("[id]") if one.attributes.get("id") == target), None)
        return panel is not None and _is_text(panel)

    def _is_named(self, name: str | None) -> bool:
        if not name:
            return False
        if self._named is None:
            buttons = self._root.css(BUTTONS)[:MOST_BUTTONS]
            self._named = frozenset(_targets(node.attributes) for node in buttons if not _is_in_menu(node))
        return name in self._named


def _targets(attributes: dict[str, str | None]) -> str:
    return next((value.lstrip("#") for name in NAMES if (value := attributes.get(name))), "")


def _is_text(node: LexborNode) -> bool:
    """Whether what stands below is a text, and neither a list of links nor a form."""
    words = len(node.text(separator=" ").split())
    linked = sum(len(link.text(separator=" ").split()) for link in node.css("a[href]")[:500])
    return words >= LEAST_WORDS and 2 * linked < words and node.css_first(CONTROLS) is None and not _is_in_menu(node)


def _is_in_menu(node: LexborNode | None) -> bool:
    """Whether an element stands in a menu, the head of the page, a form or a dialog."""
    for _ in range(MOST_OUTER):
        if node is None:
            return False
        attributes = node.attributes
        if node.tag in MENUS or attributes.get("role") in MENU_ROLES or attributes.get("aria-modal") == "true":
            return True
        node = node.parent
    return False
