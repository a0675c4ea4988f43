"""The title of a page, as it stands in its head."""

import re

from selectolax.lexbor import LexborHTMLParser

SPACE = re.compile(r"\s+")
MAX_CHARS = 500


def title(tree: LexborHTMLParser) -> str | None:
    """The text of the first `<title>`, white space folded; None where there is none.

    >>> title(LexborHTMLParser("<title> A \\n page</title>"))
    'A page'
    """
    node = tree.css_first("title")
    text = SPACE.sub(" ", node.text()).strip()[:MAX_CHARS] if node else ""
    return text or None
