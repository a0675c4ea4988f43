"""Full pages of documents, as they were written last: what is over does not change, and clients ask for it every two seconds."""

from collections import OrderedDict
from threading import Lock

#: A page by its batch or crawl, where it begins, and how many documents it may have.
Name = tuple[str, int, int]

#: Bytes that a process keeps.
MOST_BYTES = 32 * 2**20

_pages: OrderedDict[Name, list[str]] = OrderedDict()
_sizes: dict[Name, int] = {}
_lock = Lock()


def find(name: Name) -> list[str] | None:
    """The documents of a page, each as JSON; None where it is not kept."""
    with _lock:
        if name in _pages:
            _pages.move_to_end(name)
        return _pages.get(name)


def keep(name: Name, texts: list[str]) -> None:
    """Keep a page that is full; those that were not asked for for longest make room."""
    size = sum(map(len, texts))
    with _lock:
        if name in _pages or size > MOST_BYTES // 4:
            return
        _pages[name], _sizes[name] = texts, size
        while sum(_sizes.values()) > MOST_BYTES:
            del _sizes[_pages.popitem(last=False)[0]]


def forget() -> None:
    """Forget all, as a new process would."""
    with _lock:
        _pages.clear()
        _sizes.clear()
