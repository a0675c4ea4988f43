"""Projects and keywords as people name them: checked, normalised, then stored."""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import chunks
import config
import models
import spelling
from errors import ArgumentError, NotFound
from parsing import domains, slugs
from state.tracking import competitors, keywords, landing_pages, orders, overviews, projects
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
    return projects.add(planned(domain, options))


def planned(domain: str, options: Options = DEFAULT) -> models.Project:
    """The project that `add` would add. Raises ArgumentError for a value that cannot be meant."""
    target = str(domains.parse_target(domain))
    project_id = options.id or id_for(options.name or target)
    if not PROJECT_ID.fullmatch(project_id):
        raise ArgumentError(f"--id {project_id!r} cannot be a project id: use up to 60 of a-z 0-9 . _ -")
    given = {name: getattr(options, name) for name in CHECKS if name not in ("domain", "name", "every_h")}
    every_h = config.settings().fetch_min_interval_hours if options.every_h is None else options.every_h
    values = checked({**given, "name": options.name or target, "every_h": every_h})
    return models.Project(id=project_id, domain=target, folder=slugs.folder_for(target), **values)


def named(project_id: str) -> models.Project:
    """A project by an id that somebody typed. Raises NotFound, also for what can be no id."""
    if not PROJECT_ID.fullmatch(project_id):
        raise NotFound(f"No project {project_id!r:.80}. `python manage.py project list` shows what there is.")
    return projects.get(project_id)


def change(
    project_id: str, values: Mapping[str, Any], progress: Callable[[int], object] = lambda done: None
) -> tuple[list[projects.Change], int]:
    """Change settings of a project; its keywords keep their history. Returns (what changed, keywords with another due time).

    `progress` gets how many keywords were looked at, where the hours of the checks changed. Safe to repeat after a kill: the
    rest is done then. Raises NotFound, or ArgumentError for a value that cannot be meant.
    """
    changes = change_settings(project_id, values)
    return changes, days.rearm(projects.get(project_id), progress)


def change_settings(project_id: str, values: Mapping[str, Any]) -> list[projects.Change]:
    """The same without new due times: `days.rearm` gives them, where `days.is_pending` says so.

    A name that was only the domain follows it, and a domain that becomes the project's own is no competitor any more.
    """
    there = projects.get(project_id)
    new = checked(values, there)
    if "domain" in new:
        if there.name == there.domain:
            new.setdefault("name", new["domain"])
        competitors.unpin(project_id, new["domain"])
    return projects.change(project_id, new, SCHEDULE)


def remove(project_id: str, progress: Callable[[int], object] = lambda done: None) -> int:
    """Remove a project and all that is its own in Redis; returns how many keywords went. Stored objects stay.

    `progress` gets how many keywords are gone so far. Safe to repeat after a kill.
    """
    projects.set_active(project_id, False)
    removed = 0
    while not projects.forget(project_id):  # also those that somebody adds meanwhile
        chunk = next(chunks.of(keywords.ids_of(project_id, archived=None), keywords.CHUNK), [])
        removed += keywords.remove(project_id, chunk)
        progress(removed)
    overviews.forget(project_id)
    landing_pages.forget(project_id)
    competitors.forget(project_id)
    orders.forget(project_id)
    return removed


def add_keywords(project_id: str, texts: Sequence[str]) -> tuple[int, int]:
    """Add keywords: (added, were there before). Raises ArgumentError naming the first that cannot be one."""
    done = add_typed(project_id, texts)
    return done.added, done.known


def add_typed(project_id: str, texts: Sequence[str]) -> stored_texts.Added:
    """The same; returns also which keywords got the text as typed in place of the folded one of an older version."""
    return keywords.add_typed(project_id, [checked_keyword(text) for text in texts])


def respell(project_id: str, texts: Iterable[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Give keywords the spelling of these texts, their ids and histories kept.

    Returns (former text, text) of each that changed, and the texts that name no keyword. Raises ArgumentError as `add_keywords`,
    NotFound for the project. Safe to repeat.
    """
    changed: list[tuple[str, str]] = []
    missing: list[str] = []
    checked_texts = chunks.of((checked_keyword(text) for text in texts), keywords.CHUNK)
    first = next(checked_texts, [])
    projects.get(project_id)
    for chunk in itertools.chain([first] if first else [], checked_texts):
        done, unknown = stored_texts.respell(project_id, chunk)
        changed, missing = changed + done, missing + unknown
    return changed, missing


def checked_keyword(text: str) -> str:
    """A keyword as it was typed, without what nobody sees. Raises ArgumentError for an empty one or one no search box takes."""
    typed = spelling.as_typed(text)
    if not typed or len(typed) > MAX_KEYWORD_CHARS:
        raise ArgumentError(f"the keyword {text!r:.60} must be 1 to {MAX_KEYWORD_CHARS} characters")
    if not _is_text(typed):
        raise ArgumentError(f"the keyword {text!r:.60} holds a character that is no text")
    return typed


def find_keyword(name: str, project_id: str | None = None) -> models.Keyword:
    """A keyword by its id, or by its text with its project. Raises NotFound."""
    return find_keywords([name], project_id)[0]


def find_keywords(names: Sequence[str], project_id: str | None = None) -> list[models.Keyword]:
    """Keywords by their ids, or by their texts with their project: each once, in order. Raises NotFound for the first unknown.

    A few round trips for each 500.
    """
    found: dict[str, models.Keyword] = {}
    for chunk in chunks.of(names, keywords.CHUNK):
        for name, keyword in zip(chunk, _found(chunk, project_id), strict=True):
            if keyword is None:
                where = f"in {project_id}" if project_id else "of that id (to name it by its text, give --project)"
                hint = "`python manage.py keyword list PROJECT` shows what there is."
                raise NotFound(f"No keyword {name!r:.420} {where}. {hint}")
            found[keyword.id] = keyword
    return list(found.values())


def find_own(project_id: str, names: Sequence[str]) -> list[models.Keyword]:
    """The same of one project: an id of another project's keyword names nothing here."""
    found = find_keywords(names, project_id)
    if strange := next((one for one in found if one.project_id != project_id), None):
        raise NotFound(f"The keyword {strange.id} is not of {project_id}. `python manage.py keyword list PROJECT` shows what is.")
    return found


def _found(names: Sequence[str], project_id: str | None) -> list[models.Keyword | None]:
    ids = [name if KEYWORD_ID.fullmatch(name) else None for name in names]
    known = _by_ids(ids)
    if project_id is None:
        return known
    rest = [at for at, keyword in enumerate(known) if keyword is None and _is_text(names[at])]
    places = stored_texts.find(project_id, [names[at] for at in rest]) if rest else []
    for at, keyword in zip(rest, _by_ids([place and place[0] for place in places]), strict=True):
        known[at] = keyword
    return known


def _by_ids(ids: Sequence[str | None]) -> list[models.Keyword | None]:
    there = [keyword_id for keyword_id in ids if keyword_id]
    found = dict(zip(there, keywords.find_many(there), strict=True)) if there else {}
    return [found.get(keyword_id) if keyword_id else None for keyword_id in ids]


def _is_text(name: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in name)


def id_for(name: str) -> str:
    """The id a project gets from its name or domain."""
    made = slugs.folder_for(name)
    return made if len(made) <= 60 else made[:49] + made[-11:]  # the end is the hash of what the rest leaves out
