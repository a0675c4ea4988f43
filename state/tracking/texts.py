"""Keywords by their text: added, found again, respelled. `state/keywords.py` says what a keyword is.

The id of a keyword is made of the key of its text (spelling.key). Until 2026-11 it was made of the folded form, and that form was
stored in place of the text. Such a keyword keeps its id and history. The first text that folds to it becomes its text, and the
mark `k` says from then on which key it stands for. A text of another key that folds to the same form is another keyword then.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import spelling
from errors import DataError, NotFound
from state.store import connection, keys, scripts


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids under which a keyword may stand."""

    own: str  # made of its key
    old: str  # made of the folded form, as older versions did

    @property
    def besides(self) -> str:
        """The id where an older keyword of another key has `own`: its first letter put last. add_keywords.lua makes the same."""
        return self.own[1:] + self.own[:1]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of texts that were to be added. `respelled` holds (former text, text as typed)."""

    added: int = 0
    known: int = 0
    respelled: tuple[tuple[str, str], ...] = ()


def ids_for(project_id: str, text: str, own: str | None = None) -> Ids:
    """The ids under which a text may stand in a project."""
    key, folded = spelling.key(text), spelling.folded(text)
    own = own or digest(project_id, key)
    return Ids(own, own if folded == key else digest(project_id, folded))


def digest(project_id: str, key: str) -> str:
    """12 characters made from a project and a key (60 bits)."""
    made = hashlib.blake2b(f"{project_id}\0{key}".encode(), digest_size=8).digest()
    return base64.b32encode(made).decode()[:12].lower()


def add(project_id: str, texts: Sequence[str], ids: Sequence[Ids]) -> Added:
    """Add a chunk of texts under these ids. Safe to repeat. Raises NotFound for the project, DataError for two of one id."""
    where = [keys.project(project_id), keys.due(project_id), keys.RING, keys.WAITING]
    parts = [part for text, one in zip(texts, ids, strict=True) for part in (one.own, one.old, text)]
    _refuse_one_id_for_two(project_id, texts, ids)
    reply = scripts.run("tracking/add_keywords", where, [project_id, keys.KEYWORD, 0, *parts])
    if reply[0] == -2:
        for at, stored in _pairs(reply[1:]):
            _refuse_another(project_id, texts[at], stored)
        reply = scripts.run("tracking/add_keywords", where, [project_id, keys.KEYWORD, 1, *parts])
    if reply[0] == -1:
        raise NotFound(f"No project {project_id}. Add it with `python manage.py project add DOMAIN`.")
    return Added(reply[0], reply[1], tuple((stored, texts[at]) for at, stored in _pairs(reply[2:])))


def find(project_id: str, texts: Sequence[str]) -> list[tuple[str, str] | None]:
    """(id, stored text) of the keyword that each text names, None where there is none: by the rules of add_keywords.lua."""
    wanted = [ids_for(project_id, text) for text in texts]
    with connection.client().pipeline(transaction=False) as pipe:
        for one in wanted:
            for keyword_id in (one.own, one.besides, one.old):
                pipe.hmget(keys.keyword(keyword_id), "t", "k")
        rows = pipe.execute()
    return [_place(one, *rows[3 * at : 3 * at + 3]) for at, one in enumerate(wanted)]


def respell(project_id: str, texts: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Give keywords that are there the spelling of these texts: ((former text, text) of each that changed, texts without one)."""
    found = dict(zip(texts, find(project_id, texts), strict=True))
    there = [(text, *place) for text, place in found.items() if place]
    args: list[scripts.Argument] = [keys.KEYWORD]
    for text, keyword_id, stored in there:
        ids = ids_for(project_id, text)
        args += [keyword_id, stored, text, ids.own if keyword_id == ids.old and keyword_id != ids.own else ""]
    changed = scripts.run("tracking/respell", [keys.project(project_id)], args)
    return [(there[at][2], there[at][0]) for at in changed], [text for text, place in found.items() if not place]


def _place(ids: Ids, own: list[bytes | None], besides: list[bytes | None], old: list[bytes | None]) -> tuple[str, str] | None:
    if own[0] is not None and not own[1]:
        return ids.own, own[0].decode()
    if besides[0] is not None:
        return ids.besides, besides[0].decode()
    if own[0] is None and old[0] is not None and ids.old != ids.own and old[1] in (None, ids.own.encode()):
        return ids.old, old[0].decode()
    return None


def _pairs(told: Sequence[int | bytes]) -> list[tuple[int, str]]:
    return [(int(at), bytes(stored).decode()) for at, stored in zip(told[::2], told[1::2], strict=True)]


def _refuse_one_id_for_two(project_id: str, texts: Sequence[str], ids: Sequence[Ids]) -> None:
    first: dict[str, str] = {}
    for text, one in zip(texts, ids, strict=True):
        if (other := first.setdefault(one.own, text)) != text:
            _refuse_another(project_id, text, other)


def _refuse_another(project_id: str, text: str, stored: str) -> None:
    if spelling.key(text) != spelling.key(stored) and spelling.folded(text) != spelling.folded(stored):
        raise DataError(f"The keyword {text!r} cannot be told from another one of {project_id}; change its wording.")
