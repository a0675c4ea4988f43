"""A page, read for its forms and for where it leads. By rules only: no model is asked."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from clients import fetch
from models import Form
from parsing import forms, frames, links, tree

#: Forms of one page that are kept, and characters of its title.
MOST_FORMS, MOST_TITLE = 100, 300

#: A link with such a word may change something, although a link should not; and a logout ends the session. None is followed.
RISKY = re.compile(
    r"(?:^|[^a-z])(?:log|sign)[-_ ]?(?:out|off)(?:[^a-z]|$)|(?:^|[^a-z])(?:delete|remove|destroy|unsubscribe|cancel|revoke|purge|"
    r"deactivate|empty|trash|approve|confirm|abmelden|l(?:ö|oe)schen|d(?:é|e)connexion|supprimer|cerrar[-_ ]sesi(?:ó|o)n|"
    r"eliminar|esci|elimina|uitloggen|verwijder(?:en)?|wyloguj|usu(?:ń|n))(?:[^a-z]|$)",
    re.IGNORECASE,
)

LOGIN = re.compile(
    r"(?:^|[^a-z])(?:log|sign)[-_ ]?in(?:[^a-z]|$)|anmelden|einloggen|connexion|iniciar|accedi|inloggen|zaloguj", re.IGNORECASE
)
SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Read:
    """What a page has: its forms in page order, links that may be followed, frames, and links that promise a login."""

    url: str
    title: str
    forms: tuple[Form, ...]
    links: tuple[str, ...]
    frames: tuple[str, ...]
    logins: tuple[str, ...]


def read(reply: fetch.Reply) -> Read:
    """Read a page that is HTML."""
    text, url = reply.text, reply.final_url.partition("#")[0]
    parsed = tree.parse(text)
    found = [one for one in links.of(parsed, url) if not is_risky(one.url, one.text)]
    logins = [one.url.partition("#")[0] for one in found if LOGIN.search(one.text) or LOGIN.search(one.url)]
    title = parsed.css_first("title")
    return Read(
        url=url,
        title=SPACE.sub(" ", title.text() if title else "").strip()[:MOST_TITLE],
        forms=tuple(forms.discover(text, url=url)[:MOST_FORMS]),
        links=tuple(dict.fromkeys(one.url.partition("#")[0] for one in found)),
        frames=tuple(one for one in frames.urls(parsed, url) if not is_risky(one, "")),
        logins=tuple(dict.fromkeys(logins)),
    )


def is_risky(url: str, text: str) -> bool:
    """Whether to ask for this address may change something there.

    >>> [is_risky(f"https://e.example{path}", "") for path in ("/items/3/delete", "/a?action=logout", "/deleted-scenes")]
    [True, True, False]
    """
    return bool(RISKY.search(text) or RISKY.search(url.partition("://")[2].partition("/")[2]))


def facts(form: Form) -> dict[str, Any]:
    """A form as it is kept. The values of its hidden fields are not: they are secrets of a session."""
    told = asdict(form)
    return {**told, "hidden": sorted(form.hidden), "fields": [_plain(one) for one in told["fields"]], "steps": list(form.steps)}


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    return {**field, "options": list(field["options"]), "constraints": dict(field["constraints"])}
