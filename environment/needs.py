"""What a Python must have to run Trawl, told in one line: its version, its own modules, the installed packages.

Read by older Pythons too, so that they come as far as the message.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info < OLDEST:
    sys.exit("Error: Trawl needs Python 3.11 or newer, and this is {}.{} ({}).".format(*sys.version_info[:2], sys.executable))


@contextmanager
def told() -> Iterator[None]:
    """End with one line where an import fails because something is not installed."""
    try:
        yield
    except ModuleNotFoundError as exc:
        message = missing(exc.name or "")
        if message is None:
            raise
        sys.exit(f"Error: {message}")


def missing(module: str) -> str | None:
    """What to do about a module that is not there; None for one of ours, which is a mistake of ours."""
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:
        return (
            f"this Python ({sys.executable}) was built without its module {package}: install the library that it needs "
            "(libffi-dev for _ctypes, libssl-dev for _ssl), build it anew, or use another Python."
        )
    if not package or (ROOT / package).is_dir() or (ROOT / (package + ".py")).is_file():
        return None
    return (
        f"the package {package} is not installed for {sys.executable}. Run `make demo` once, which installs all into .venv, "
        "and use .venv/bin/python; or `pip install -r requirements.txt`."
    )
