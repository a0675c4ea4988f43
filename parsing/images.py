"""The images of a page: `<img>`, `<picture>`, lazy attributes, `<video poster>`; absolute, each once.

Of the sizes that `srcset` offers the largest is taken. Placeholders written as `data:` are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import hrefs

MAX_IMAGES = 5_000
MAX_ALT_CHARS = 500
MAX_SRCSET_CHARS = 40_000
#: Where scripts that load images late keep the address, the surest first (lazysizes, WordPress, lozad, Unveil …; 2026-11).
LAZY = (
    "data-src", "data-original", "data-lazy-src", "data-lazy", "data-original-src", "data-url", "data-image", "data-full-url",
    "data-large_image", "data-hi-res-src", "data-actualsrc", "data-echo", "data-img-src", "data-orig-file", "data-defer-src",
)  # fmt: skip
LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
GAP = re.compile(r"[\s,]*")
WORD = re.compile(r"\S+")
SIZES = re.compile(r"(?:[^,(]|\([^)]*\)?)*")  # until a comma that is not in brackets
SIZE = re.compile(r"\s*([\d.]{1,12})[wx]\b", re.ASCII)
PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", re.ASCII)
#: A first image of this kind only holds the place until a script loads the true one.
PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:blank|spacer|placeholder|transparent|pixel|1x1|grey|lazy|loading|loader)(?:[_.-]|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Image:
    """One image. `width` and `height` in pixels as the page writes them; None where it does not."""

    url: str
    alt: str | None  # None: no alt text at all; empty: the page says that the image is decoration
    width: int | None
    height: int | None


def of(tree: LexborHTMLParser, base: str) -> list[Image]:
    """The images of a page at address `base`, in page order, at most `MAX_IMAGES`.

    >>> of(LexborHTMLParser("<img src=data:, data-src=a.png srcset='a.png 1x, b.png 2x' alt=Oak width=20>"), "https://example.com/")
    [Image(url='https://example.com/b.png', alt='Oak', width=20, height=None)]
    """
    read = hrefs.resolver(hrefs.base_of(tree, base))
    found: dict[str, Image] = {}
    pictures: dict[int, list[str]] = {}
    for node in tree.css("img, video[poster], input[type='image' i][src]")[: 4 * MAX_IMAGES]:
        url = next((url for written in _addresses(node, pictures) if (url := read(written.strip()))), None)
        if url and ((known := found.get(url)) is None or not known.alt):
            found[url] = _image(node, url)
        if len(found) >= MAX_IMAGES:
            break
    return list(found.values())


def address(node: LexborNode, read: hrefs.Absolute) -> str | None:
    """Where one image is, by a reader of `hrefs.resolver`: what scripts would load late comes before a placeholder."""
    return next((url for written in _addresses(node, {}) if (url := read(written.strip()))), None)


def candidates(srcset: str | None) -> list[tuple[str, float]]:
    """The addresses of a `srcset` with their width or density, the largest first.

    >>> candidates("s.jpg, m.jpg 1.5x, https://example.com/c_fill,w_900/l.jpg 2x")
    [('https://example.com/c_fill,w_900/l.jpg', 2.0), ('m.jpg', 1.5), ('s.jpg', 1.0)]
    """
    text, place, found = (srcset or "")[:MAX_SRCSET_CHARS], 0, []
    while word := WORD.match(text, _after(GAP, text, place)):
        url, place = word[0].rstrip(","), word.end()
        size = None
        if not word[0].endswith(","):  # a comma at the end of the address ends the candidate; else its sizes follow
            size, place = SIZE.match(text, place), _after(SIZES, text, place)
        if url:
            found.append((url, _number(size[1] if size else None)))
    return sorted(found, key=lambda candidate: -candidate[1])


def _addresses(node: LexborNode, pictures: dict[int, list[str]]) -> Iterator[str]:
    """The addresses one image may have, the best first: largest of the sets, lazy attributes, `src`."""
    attrs = node.attrs
    sets = [value for name in LAZY_SETS if (value := attrs.get(name))] + _of_picture(node, pictures)
    offered = [candidate for srcset in sets for candidate in candidates(srcset)]
    offered = [candidate for candidate in offered if not candidate[0].startswith("data:")]
    lazy = [value for name in LAZY if (value := attrs.get(name)) and not value.lstrip().startswith(("{", "["))]
    plain = attrs.get("src") or attrs.get("poster")
    is_placeholder = plain is None or plain.startswith("data:") or bool(PLACEHOLDER.search(plain))
    yield from (url for url, _ in sorted(offered, key=lambda candidate: -candidate[1]))
    yield from lazy
    if plain and not (lazy and is_placeholder):
        yield plain


def _of_picture(node: LexborNode, pictures: dict[int, list[str]]) -> list[str]:
    """The sets of the `<picture>` around an image. `pictures` keeps those of each picture."""
    parent = node.parent
    if parent is None or parent.tag != "picture":
        return []
    if parent.mem_id not in pictures:
        attrs = [source.attrs for source in parent.css("source")[:20]]
        pictures[parent.mem_id] = [value for one in attrs for name in LAZY_SETS if (value := one.get(name))]
    return pictures[parent.mem_id]


def _image(node: LexborNode, url: str) -> Image:
    alt = node.attrs.get("alt")
    has_alt = "alt" in node.attrs
    text = " ".join((alt or "")[: 4 * MAX_ALT_CHARS].split())[:MAX_ALT_CHARS]
    return Image(url, text if has_alt else None, _pixels(node.attrs.get("width")), _pixels(node.attrs.get("height")))


def _after(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place


def _pixels(text: str | None) -> int | None:
    match = PIXELS.fullmatch(text or "")
    return int(match[1]) if match else None


def _number(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 1.0
