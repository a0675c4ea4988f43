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
        """The id where an older keyword of another key has `own`: its first letter put last. See parts/keyword_ids.lua."""
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
    typed = [part for text, one in zip(texts, ids, strict=True) for part in (one.own, one.old, text)]
    _refuse_one_id_for_two(project_id, texts, ids)
    outcome, *reply = _add(project_id, typed, "new")
    if outcome == b"compare":
        for number, stored in _pairs(reply):
            _refuse_another(project_id, texts[number], stored)
        outcome, *reply = _add(project_id, typed, "compared")
    if outcome == b"no project":
        raise NotFound(f"No project {project_id}. Add it with `python manage.py project add DOMAIN`.")
    respelled = tuple((stored, texts[number]) for number, stored in _pairs(reply[2:]))
    return Added(int(reply[0]), int(reply[1]), respelled)


def find(project_id: str, texts: Sequence[str]) -> list[tuple[str, str] | None]:
    """(id, stored text) of the keyword that each text names, None where there is none: by the rules of parts/keyword_ids.lua."""
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
    wanted: list[str] = []
    for text, keyword_id, stored in there:
        ids = ids_for(project_id, text)
        wanted += [keyword_id, stored, text, ids.own if keyword_id == ids.old and keyword_id != ids.own else ""]
    changed = _respell(project=keys.project(project_id), keyword_prefix=keys.KEYWORD, texts=wanted)
    return [(there[at][2], there[at][0]) for at in changed], [text for text, place in found.items() if not place]


@scripts.script("tracking/add_keywords")
def _add_keywords(
    *,
    project: str,
    due: str,
    ring: str,
    waiting: str,
    project_id: str,
    keyword_prefix: str,
    spellings: str,
    typed: Sequence[str],
) -> list[int | bytes]:
    raise scripts.InLua


@scripts.script("tracking/respell")
def _respell(*, project: str, keyword_prefix: str, texts: Sequence[str]) -> list[int]:
    raise scripts.InLua


def _add(project_id: str, typed: Sequence[str], spellings: str) -> list[int | bytes]:
    return _add_keywords(
        project=keys.project(project_id),
        due=keys.due(project_id),
        ring=keys.RING,
        waiting=keys.WAITING,
        project_id=project_id,
        keyword_prefix=keys.KEYWORD,
        spellings=spellings,
        typed=typed,
    )


def _place(ids: Ids, own: list[bytes | None], besides: list[bytes | None], old: list[bytes | None]) -> tuple[str, str] | None:
    if own[0] is not None and not own[1]:
        return ids.own, own[0].decode()
    if besides[0] is not None:
        return ids.besides, besides[0].decode()
    if own[0] is None and old[0] is not None and ids.old != ids.own and old[1] in (None, ids.own.encode()):
        return ids.old, old[0].decode()
    return None


def _pairs(reply: Sequence[int | bytes]) -> list[tuple[int, str]]:
    return [(int(number), bytes(stored).decode()) for number, stored in zip(reply[::2], reply[1::2], strict=True)]


def _refuse_one_id_for_two(project_id: str, texts: Sequence[str], ids: Sequence[Ids]) -> None:
    first: dict[str, str] = {}
    for text, one in zip(texts, ids, strict=True):
        if (other := first.setdefault(one.own, text)) != text:
            _refuse_another(project_id, text, other)


def _refuse_another(project_id: str, text: str, stored: str) -> None:
    if spelling.key(text) != spelling.key(stored) and spelling.folded(text) != spelling.folded(stored):
        raise DataError(f"The keyword {text!r} cannot be told from another one of {project_id}; change its wording.")
