"""Frames inside a page: addresses of pages that a reader sees as parts of it."""

from selectolax.lexbor import LexborHTMLParser

from parsing import hrefs

#: A page of more frames is none for readers.
MAX_FRAMES = 100


def urls(tree: LexborHTMLParser, base: str) -> list[str]:
    """The addresses of a page's frames, without fragments, each once, in page order; also of those that load later.

    >>> urls(LexborHTMLParser("<iframe src=/a#x></iframe><iframe data-src=b></iframe><iframe src=about:blank>"), "https://e.example/c/")
    ['https://e.example/a', 'https://e.example/c/b']
    """
    read = hrefs.resolver(hrefs.base_of(tree, base))
    found: dict[str, None] = {}
    for node in tree.css("iframe, frame"):
        href = node.attrs.get("src") or ""
        if not href.strip() or href.strip().lower().startswith("about:"):
            href = node.attrs.get("data-src") or ""
        if (url := read(href)) and len(found) < MAX_FRAMES:
            found[url.partition("#")[0]] = None
    return list(found)
