"""A query as words: names, texts in quotes, numbers, days, signs."""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from errors import ArgumentError

#: Characters of a query, and what is in brackets in brackets, at most.
MOST_CHARS, MOST_DEPTH = 20_000, 20

TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<said>'(?:[^'\\]|\\.)*'|“[^”]*”)
    | (?P<day>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?Z?)?)
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.-]))
    | (?P<name>[^\W\d][\w.-]*)
    | (?P<sign><=|>=|!=|[=<>(),])
    )""",
    re.VERBOSE | re.DOTALL,
)

#: What a text writes in another way: the rest stands for itself.
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Token(NamedTuple):
    """A word of a query: its kind (text, said, day, number, name, sign), its value, where it stands (characters from 1 on)."""

    kind: str
    value: Any
    at: int


class Words:
    """The words of a query, taken one after the other."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARS:
            raise ArgumentError(f"A query has at most {MOST_CHARS:,} characters, not {len(text):,}.")
        self._tokens, self._next, self.depth = list(_tokens(text)), 0, 0

    @property
    def next(self) -> Token:
        """The next word, which stays."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """The next word."""
        found = self.next
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return found

    def has(self, *words: str) -> str:
        """Take the next word if it is one of these; "" if it is not."""
        token = self.next
        word = token.value.lower() if token.kind in ("name", "sign") else ""
        if word not in words or not word:
            return ""
        self.take()
        return str(word)

    def need(self, kind: str, what: str) -> Token:
        """Take the next word, which is to be of this kind. Raises ArgumentError."""
        if self.next.kind != kind:
            raise self.wrong(f"here comes {what}")
        return self.take()

    def wrong(self, says: str) -> ArgumentError:
        """What is wrong at the next word."""
        token = self.next
        where = "at its end" if token.kind == "end" else f"at character {token.at}, before {str(token.value)!r:.40}"
        return ArgumentError(f"The query cannot be read {where}: {says}.")


def quoted(text: str) -> str:
    r"""A text as a query writes it.

    >>> quoted('19" rack')
    '"19\\" rack"'
    """
    written = text.replace("\\", "\\\\").replace('"', '\\"')
    for letter, char in ESCAPES.items():
        written = written.replace(char, f"\\{letter}")
    return f'"{written}"'


def ms_of(day: str) -> int:
    """A day or moment (UTC) in ms since 1970. Raises ArgumentError.

    >>> ms_of("1970-01-02")
    86400000
    """
    try:
        at = datetime.fromisoformat(day.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentError(f"{day!r:.40} is no day: write 2026-01-31, or 2026-01-31T12:00.") from None
    return round(at.timestamp() * 1000)


def _tokens(text: str) -> list[Token]:
    found, at = list[Token](), 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None or match.end() == at:
            at += len(text[at:]) - len(text[at:].lstrip())
            where = f"at character {at + 1}, before {text[at : at + 20]!r}"
            raise ArgumentError(f"The query cannot be read {where}: a text stands in quotes, which end.")
        kind = str(match.lastgroup)
        written = match[kind]
        value = (
            re.sub(r"\\(.)", lambda one: ESCAPES.get(one[1], one[1]), written[1:-1], flags=re.DOTALL)
            if kind in ("text", "said")
            else written
        )
        found.append(Token(kind, value, match.start(kind) + 1))
        at = match.end()
    return [*found, Token("end", "", len(text) + 1)]
