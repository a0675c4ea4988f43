"""A stored page of a keyword's day as it came, for people who look."""

from dataclasses import dataclass
from datetime import date

import config
import models
from clients import storage
from errors import DataError, NotFound
from parsing import charsets
from state.tracking import projects
from topics.tracking import records, stored_days


@dataclass(frozen=True, slots=True)
class Evidence:
    """A page as it came. It is hostile: `body` is never to run in anybody's browser. `charset`: Python's name of it."""

    body: bytes
    text: str  # the same, read; what has no meaning is U+FFFD
    charset: str
    format: str  # html | json
    number: int  # of so many pages of the check
    of: int


def page(keyword: models.Keyword, day: date, number: int) -> Evidence:
    """A page of the check that `of` shows, by its number from 1 on.

    Raises NotFound, DataError for what is damaged, and what the store raises.
    """
    project = projects.get(keyword.project_id)
    found = stored_days.shown(project, keyword, day, None)
    if found.check is None:
        raise NotFound(found.missing)
    pages = found.check.pages
    if not 1 <= number <= len(pages):
        raise NotFound(f"The check of {day} kept {len(pages)} pages: there is no page {number}.")
    one = pages[number - 1]
    if not one.key.startswith(_beginning(project, keyword, day)):
        raise DataError(f"The stored object names {one.key!r:.200} as its page, which is none of this keyword and day.")
    body = records.page_body(storage.hurried(config.settings()), one)
    header = f"text/html; charset={one.charset}" if one.charset else None
    text, charset = charsets.decode(body, header)
    return Evidence(body, text, charset, one.format, number, len(pages))


def _beginning(project: models.Project, keyword: models.Keyword, day: date) -> str:
    return records.key_of(project, keyword, day).removesuffix("json")
