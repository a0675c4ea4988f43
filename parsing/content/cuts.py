"""A page of which only some parts are left, as CSS selectors name them."""

from collections.abc import Iterable, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import css
from parsing import tree as trees


def of(html: str, within: Sequence[str] = (), without: Iterable[str] = ()) -> LexborHTMLParser:
    """The tree of a page with the parts `within` alone, in page order, and those of `without` left out of them.

    Where nothing matches `within`, nothing is left. Raises DataError as `css.select` and `tree.parse` do.

    >>> of("<nav>a</nav><main>b<p class=ad>c</p></main><main>d</main>", ["main"], [".ad"]).body.text()
    'bd'
    """
    tree = trees.parse(html)
    if within:
        chosen = _outermost(css.select(tree, ", ".join(within)))
        tree = trees.parse("".join(node.html or "" for node in chosen))
    for selector in without:
        for node in _outermost(css.select(tree, selector)):
            if node.tag not in ("html", "body"):
                node.decompose()
    return tree


def _outermost(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """Those that lie in no other of them, once each: a removed node takes what lies in it along."""
    ids = {node.mem_id for node in nodes}
    inside: dict[int, bool] = {}
    return list({node.mem_id: node for node in nodes if not css.is_inside(node, ids, inside)}.values())
