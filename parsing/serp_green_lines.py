"""The green line of a result: where a page shows the host that a title leads to."""

from typing import NamedTuple

from selectolax.lexbor import LexborNode

from parsing import serp_tokens, urls

CITE_CLASSES = ("UPmit", "qzEoUe", "dXDvrc", "ob9lvb")  # no-JS 2019-2026; mobile 2019-2023; text browsers; mobile 2023
TITLES = "h3, [role=heading]"
MAX_CLIMB = 8  # blocks between a title link and the block that also holds its green line
MAX_LINES = 3  # green lines of a block that may name the host


class GreenLines(NamedTuple):
    """Where a page shows hosts. `shared`: addresses of blocks with two titles, so that each is counted once per page."""

    selector: str
    shared: set[int]

    def host_beside(self, link: LexborNode) -> str | None:
        """The host of the green line nearest to a title link. The line of a block with two titles may be a neighbour's.

        The titles within the link itself were counted when the titles were found.
        """
        node: LexborNode | None = link
        for _ in range(MAX_CLIMB):
            if node is None or node.mem_id in self.shared:
                return None
            if node is not link and len(node.css(TITLES)) > 1:
                self.shared.add(node.mem_id)
                return None
            line = node.css_first(self.selector)
            if line is not None:
                return urls.displayed_host(line.text()) or self._of_further_line(node)
            node = node.parent
        return None

    def _of_further_line(self, block: LexborNode) -> str | None:
        lines = block.css(self.selector)[1:MAX_LINES]
        return next(filter(None, (urls.displayed_host(line.text()) for line in lines)), None)


def of_page(tokens: serp_tokens.Tokens, shared: set[int]) -> GreenLines:
    """The green lines of a page. `shared`: addresses of the links that have two titles."""
    return GreenLines(", ".join(("cite", *(f".{name}" for name in CITE_CLASSES if name in tokens.classes))), shared)


def is_heading(node: LexborNode) -> bool:
    """Whether an element is one of `TITLES`."""
    return node.tag == "h3" or node.attrs.get("role") == "heading"
