"""Projects and keywords as people name them: checked, normalised, then stored."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import chunks
import config
import models
import spelling
from errors import ArgumentError, NotFound
from parsing import domains, slugs
from state.tracking import keywords, projects
from state.tracking import texts as stored_texts
from topics.tracking import days
from topics.tracking.options import CHECKS, DEFAULT, SCHEDULE, checked
from topics.tracking.options import Options as Options

MAX_KEYWORD_CHARS = 400  # Google itself reads 32 words

#: What ids look like. Anything else names nothing, and is never made part of a Redis key.
PROJECT_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}(?<!\.)")
KEYWORD_ID = re.compile(r"[a-z2-7]{12}")


def add(domain: str, options: Options = DEFAULT) -> models.Project:
    """Add a project for `domain` (a host, a registrable domain, `*.host` or `host/path`).

    Raises ArgumentError for a value that cannot be meant, AlreadyExists where the id is taken.
    """
    target = str(domains.parse_target(domain))
    project_id = options.id or id_for(options.name or target)
    if not PROJECT_ID.fullmatch(project_id):
        raise ArgumentError(f"--id {project_id!r} cannot be a project id: use up to 60 of a-z 0-9 . _ -")
    given = {name: getattr(options, name) for name in CHECKS if name not in ("name", "every_h")}
    every_h = options.every_h or config.settings().fetch_min_interval_hours
    values = checked({**given, "name": options.name or target, "every_h": every_h})
    return projects.add(models.Project(id=project_id, domain=target, folder=slugs.folder_for(target), **values))


def change(
    project_id: str, values: Mapping[str, Any], progress: Callable[[int], object] = lambda done: None
) -> tuple[list[projects.Change], int]:
    """Change settings of a project; its keywords keep their history. Returns (what changed, keywords with another due time).

    `progress` is told how many keywords were looked at, where the hours of the checks changed. Safe to repeat after a kill: the
    rest is done then. Raises NotFound, or ArgumentError for a value that cannot be meant.
    """
    project = projects.get(project_id)
    changes = projects.change(project_id, checked(values, project), SCHEDULE)
    return changes, days.rearm(projects.get(project_id), progress)


def remove(project_id: str, progress: Callable[[int], object] = lambda done: None) -> int:
    """Remove a project and all that is its own in Redis; says how many keywords went. Stored objects stay.

    `progress` is told how many keywords are gone so far. Safe to repeat after a kill.
    """
    projects.set_active(project_id, False)
    removed = 0
    while not projects.forget(project_id):  # also those that somebody adds meanwhile
        chunk = next(chunks.of(keywords.ids_of(project_id, archived=None), keywords.CHUNK), [])
        removed += keywords.remove(project_id, chunk)
        progress(removed)
    return removed


def add_keywords(project_id: str, texts: Sequence[str]) -> tuple[int, int]:
    """Add keywords: (added, were there before). Raises ArgumentError naming the first that cannot be one."""
    done = add_typed(project_id, texts)
    return done.added, done.known


def add_typed(project_id: str, texts: Sequence[str]) -> stored_texts.Added:
    """The same; says also which keywords got the text as typed in place of the folded one of an older version."""
    return keywords.add_typed(project_id, [checked_keyword(text) for text in texts])


def respell(project_id: str, texts: Iterable[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Give keywords the spelling of these texts, their ids and histories kept.

    Returns (former text, text) of each that changed, and the texts that name no keyword. Raises ArgumentError as `add_keywords`,
    NotFound for the project. Safe to repeat.
    """
    projects.get(project_id)
    changed: list[tuple[str, str]] = []
    missing: list[str] = []
    for chunk in chunks.of((checked_keyword(text) for text in texts), keywords.CHUNK):
        done, unknown = stored_texts.respell(project_id, chunk)
        changed, missing = changed + done, missing + unknown
    return changed, missing


def checked_keyword(text: str) -> str:
    """A keyword as it was typed, without what nobody sees. Raises ArgumentError for an empty one or one no search box takes."""
    typed = spelling.as_typed(text)
    if not typed or len(typed) > MAX_KEYWORD_CHARS:
        raise ArgumentError(f"the keyword {text!r:.60} must be 1 to {MAX_KEYWORD_CHARS} characters")
    if any("\ud800" <= char <= "\udfff" for char in typed):
        raise ArgumentError(f"the keyword {text!r:.60} holds a character that is no text")
    return typed


def find_keyword(name: str, project_id: str | None = None) -> models.Keyword:
    """A keyword by its id, or by its text with its project. Raises NotFound."""
    found = keywords.find(name) if KEYWORD_ID.fullmatch(name) else None
    if not found and project_id and not any("\ud800" <= char <= "\udfff" for char in name):
        place = stored_texts.find(project_id, [name])[0]
        found = keywords.find(place[0]) if place else None
    if not found:
        where = f"in {project_id}" if project_id else "of that id (to name it by its text, give --project)"
        raise NotFound(f"No keyword {name!r} {where}. `python manage.py keyword list PROJECT` shows what there is.")
    return found


def id_for(name: str) -> str:
    """The id a project gets from its name or domain."""
    made = slugs.folder_for(name)
    return made if len(made) <= 60 else made[:49] + made[-11:]  # the end is the hash of what the rest leaves out
