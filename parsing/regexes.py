"""Regular expressions that are compiled when they are first used.

Compiling takes a tenth of a second for all that this folder has (2026-11). Most processes use few of them.
"""

import re
from typing import Any, AnyStr, cast


def late(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, but compiled at its first use. A broken pattern raises there: a test compiles every one.

    The `re` of a match is the compiled pattern, never what `late` gave. Functions such as `re.sub` do not take it.

    >>> late("[a-z]+").findall("oak table")
    ['oak', 'table']
    """
    return cast("re.Pattern[AnyStr]", _Late(pattern, flags))


class _Late:
    """Stands for a pattern. Its methods are the pattern's own from the first use on, so that later calls cost no more."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self._flags)
        for method in ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
