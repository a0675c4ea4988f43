"""How facts spell what somebody writes into a query: countries as ISO 3166, industries by the table, phones in E.164."""

import re
from collections.abc import Sequence
from typing import Any

import errors
from topics.leads import fields, sites
from topics.leads.field_readers import READERS, Around

#: Fields of which a value has another spelling than people may write.
SPELLED = frozenset({fields.COUNTRY, fields.INDUSTRY, fields.LANGUAGES, fields.PHONES, fields.EMPLOYEES})

UNKNOWN = Around(None, "")


#: A field that is compared with texts, and such a text.
COMPARED = re.compile(r'\b([a-z_]+) (?:=|!=|contains|in) (\((?:"(?:[^"\\]|\\.)*"(?:, )?)+\)|"(?:[^"\\]|\\.)*")')
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


def hints(query: str) -> list[str]:
    """What a query compares with a value that facts spell otherwise: it finds nothing where they are all in one spelling.

    >>> hints('count where country in ("USA", "DE") and name = "Germany"')
    ['Facts write US for "USA": country = "US" finds them.']
    """
    found: dict[str, None] = {}
    for name, texts in COMPARED.findall(query):
        for value in TEXT.findall(texts):
            for one in of(name, value):
                if str(one).casefold() != value.casefold():
                    found[f'Facts write {one} for "{value}": {name} = "{one}" finds them.'] = None
    return list(found)


def of(name: str, value: Any) -> Sequence[Any]:
    """The value as facts of the field spell it; nothing for what they spell in any way.

    >>> of("country", "Germany"), of("languages", "german"), of("domain", "www.Acme.de"), of("name", "Germany")
    (['DE'], ['de'], ['acme.de'], [])
    """
    if not isinstance(value, str) or not value.strip():
        return []
    if name == "domain":
        return _domain(value)
    if name not in SPELLED:
        return []
    found, problem, _ = READERS[name]([value] if name in fields.LISTS else value, UNKNOWN)
    return [] if problem else list(found) if isinstance(found, list | tuple) else [found]


def _domain(value: str) -> list[str]:
    try:
        found = sites.domain_of(sites.canonical(value))
    except errors.DataError:
        return []
    return [found] if found else []
