"""CSS selectors on a page, in time that grows with the page and not with its square or worse.

Lexbor tries every way to fit `a b c d` to a node's ancestors, in one call that nothing can end: 2,000 nested blocks take hours
(2026-11). It also misses nodes where the first way does not fit (`:not(.x) b .y`). So Lexbor only finds the parts between the
combinators, and the parts are put together here. What still costs more than one look at each node is counted before Lexbor is
asked: `:nth-child` among siblings, `:has` in nested blocks.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

import errors

MAX_CHARS = 500
MAX_STEPS = 1_000_000_000  # of Lexbor, about two seconds
COMBINATORS = frozenset(">+~ \t\n\r\f")
FUNCTION = re.compile(r":(has|not|is|where|matches|current|nth-[a-z-]+)\(", re.IGNORECASE)
CONTAINS = re.compile(r":(?:-soup-)?contains\(\s*(?=['\"])", re.IGNORECASE)  # as jQuery and Soup Sieve spell it
MAX_FUNCTIONS = 12
SQUARE = re.compile(r":(?:nth-|has\(|lexbor-contains\()", re.IGNORECASE)
#: What a reader does to a page. On a page that is only read they would match nothing, in silence.
ACTIONS = re.compile(r":(?:hover|active|focus(?:-within|-visible)?|visited|target)\b", re.IGNORECASE)
BARE_TREE = "<p>"


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a selector without combinators, and how it stands to the part before (`""` for the first part)."""

    combinator: str
    compound: str


Path = tuple[Step, ...]


@functools.lru_cache(maxsize=512)
def parse(selector: str) -> tuple[Path, ...]:
    """The paths of a selector (`a > b, c d` has two). Raises DataError that names the fault.

    >>> parse("ul.x > li a[href], h1")[0]
    (Step(combinator='', compound='ul.x'), Step(combinator='>', compound='li'), Step(combinator=' ', compound='a[href]'))
    """
    text = selector.strip()
    if not text:
        raise _bad(selector, "it is empty")
    if len(text) > MAX_CHARS:
        raise _bad(selector, f"it has {len(text):,} characters, at most {MAX_CHARS} are taken")
    if action := ACTIONS.search(text):
        raise _bad(selector, f"{action[0]} matches nothing on a page that is only read")
    if "/*" in text:
        raise _bad(selector, "it holds a comment")
    text = FUNCTION.sub(lambda name: name[0].lower(), CONTAINS.sub(":lexbor-contains(", text))
    paths = tuple(_path(part, selector) for part in _split(text, ",", selector))
    for path in paths:
        for step in path:
            _try(step.compound, selector)
    return paths


def select(root: LexborHTMLParser | LexborNode, selector: str) -> list[LexborNode]:
    """The nodes below `root` that match, in page order. The whole selector is read within `root`.

    Raises DataError for a bad selector, and for one that would take too long on this page.
    """
    paths = parse(selector)
    if slow := [step.compound for path in paths for step in path if SQUARE.search(step.compound)]:
        _refuse_if_slow(root, selector, slow)
    if len(paths) == 1:
        return _walk(root, paths[0])
    chosen = [_walk(root, path) for path in paths]
    wanted = {node.mem_id for nodes in chosen for node in nodes}
    last = ", ".join(path[-1].compound for path in paths)
    once = {node.mem_id: node for node in root.css(last)}  # Lexbor gives a node once for each part of a list that it matches
    return [node for key, node in once.items() if key in wanted]


def _walk(root: LexborHTMLParser | LexborNode, path: Path) -> list[LexborNode]:
    """The nodes that match a path: at each step those of its nodes that stand right to a node of the step before."""
    kept = root.css(path[0].compound)
    for step in path[1:]:
        if not kept:
            return []
        kept = _after(step.combinator, kept, root.css(step.compound))
    return kept


def _after(combinator: str, before: list[LexborNode], nodes: list[LexborNode]) -> list[LexborNode]:
    ids = {node.mem_id for node in before}
    if combinator == ">":
        return [node for node in nodes if (parent := node.parent) is not None and parent.mem_id in ids]
    if combinator == "+":
        return [node for node in nodes if (left := _left(node)) is not None and left.mem_id in ids]
    if combinator == "~":
        later = _later_siblings(before)
        return [node for node in nodes if node.mem_id in later]
    inside: dict[int, bool] = {}
    return [node for node in nodes if is_inside(node, ids, inside)]


def is_inside(node: LexborNode, ids: set[int], inside: dict[int, bool]) -> bool:
    """Whether an ancestor is one of `ids`. `inside` remembers the answer of every ancestor that was looked at."""
    looked, answer, parent = [], False, node.parent
    while parent is not None:
        known = inside.get(parent.mem_id)
        if known is not None:
            answer = known
            break
        if parent.mem_id in ids:
            inside[parent.mem_id] = answer = True
            break
        looked.append(parent.mem_id)
        parent = parent.parent
    inside.update(dict.fromkeys(looked, answer))
    return answer


def _left(node: LexborNode) -> LexborNode | None:
    left = node.prev
    while left is not None and not left.is_element_node:
        left = left.prev
    return left


def _later_siblings(before: Iterable[LexborNode]) -> set[int]:
    later: set[int] = set()
    for node in before:
        right = node.next
        while right is not None and right.mem_id not in later:
            later.add(right.mem_id)
            right = right.next
    return later


def _refuse_if_slow(root: LexborHTMLParser | LexborNode, selector: str, compounds: list[str]) -> None:
    """Count what Lexbor will do on this page, before it does it."""
    siblings: Counter[int] = Counter()
    depths: dict[int, int] = {}
    for node in root.css("*"):
        parent = node.parent
        above = parent.mem_id if parent is not None else 0
        siblings[above] += 1
        depths[node.mem_id] = depths.get(above, 0) + 1
    beside = sum(count * count for count in siblings.values())
    below = sum(depths.values())
    if any(":has(" in compound and re.search(r"[\s~]", compound) for compound in compounds):
        below = beside + sum(depth * depth for depth in depths.values())
    text = max(depths.values(), default=0) * len(root.text(deep=True)) if "-contains(" in selector else 0
    asked = " ".join(compounds)
    if asked.count(":nth-") * beside + asked.count(":has(") * below + text > MAX_STEPS:
        raise errors.DataError(
            f"selector {selector!r} would take too long on a page of {len(depths):,} elements: avoid :nth-…, :has(), :contains()"
        )


def _path(text: str, selector: str) -> Path:
    steps: list[Step] = []
    for combinator, compound in _parts(text, selector):
        if bool(combinator) != bool(steps):
            raise _bad(selector, f"{combinator!r} has nothing on its left")
        steps.append(Step(combinator, compound))
    if not steps:
        raise _bad(selector, "a part is missing beside a comma")
    return tuple(steps)


def _parts(text: str, selector: str) -> Iterator[tuple[str, str]]:
    """Compounds, each with the combinator before it. A blank beside `>`, `+`, `~` or at the ends says nothing."""
    text, combinator, start = text.strip(), "", 0
    for place, char in [*_outside(text, selector), (len(text), "")]:
        if char and char not in COMBINATORS:
            continue
        if start < place:
            yield combinator, text[start:place]
            combinator = ""
        if char.strip() and combinator.strip():
            raise _bad(selector, f"{char!r} has nothing on its left")
        combinator, start = char.strip() or combinator or " ", place + 1
    if combinator.strip():
        raise _bad(selector, f"{combinator!r} has nothing on its right")


def _split(text: str, mark: str, selector: str) -> list[str]:
    places = [place for place, char in _outside(text, selector) if char == mark]
    return [text[start + 1 : end] for start, end in zip([-1, *places], [*places, len(text)], strict=True)]


def _outside(text: str, selector: str) -> Iterator[tuple[int, str]]:
    """The characters outside of brackets and quotes. Raises DataError where those do not close."""
    closers: list[str] = []
    quote, escaped = "", False
    for place, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([":
            closers.append(")" if char == "(" else "]")
        elif char in ")]":
            if not closers or closers.pop() != char:
                raise _bad(selector, f"{char!r} closes nothing")
        elif not closers:
            yield place, char
    if closers or quote or escaped:
        raise _bad(selector, f"{(quote or (closers or ['a backslash'])[-1])!r} is missing at its end")


def _try(compound: str, selector: str) -> None:
    """Let Lexbor read a part, and refuse what only costs time: `:has` in `:has`, deep functions, paths inside functions."""
    if compound[0] == "#" and compound[1:2].isdigit():
        raise _bad(selector, f"an id cannot begin with a digit: write [id={compound[1:]!r}]")
    functions = FUNCTION.findall(compound)
    if len(functions) > MAX_FUNCTIONS or functions.count("has") > 1 or re.search(r"\bof\s", compound):
        raise _bad(selector, "only one :has(), few :not() and :is(), and no `of` inside :nth-child() are taken in one part")
    for argument in (part for inner in _arguments(compound) for part in _split(inner, ",", selector)):
        slow = sum(combinator in (" ", "~") for combinator, _ in _parts(argument.strip().lstrip(">+"), selector))
        if slow > 1 or (slow and FUNCTION.search(argument)):
            raise _bad(selector, "inside :has(), :not() and :is() at most one descendant or ~ is taken")
    try:
        _tree().css(compound)
    except (SelectolaxError, UnicodeEncodeError):
        raise _bad(selector, f"{compound!r} is no CSS") from None


def _arguments(compound: str) -> Iterator[str]:
    for match in FUNCTION.finditer(compound):
        depth, start = 1, match.end()
        for place in range(start, len(compound)):
            depth += {"(": 1, ")": -1}.get(compound[place], 0)
            if depth == 0:
                yield compound[start:place] if not match[1].lower().startswith("nth") else ""
                break


@functools.lru_cache(maxsize=1)
def _tree() -> LexborHTMLParser:
    return LexborHTMLParser(BARE_TREE)


def _bad(selector: str, fault: str) -> errors.DataError:
    shown = selector if len(selector) <= 120 else selector[:120] + "…"
    return errors.DataError(f"selector {shown!r}: {fault}. Give CSS such as `h1`, `ul.menu > li`, `a[rel=next]`.")
