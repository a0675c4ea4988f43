"""Addresses that links keep from programs: in attributes that a script puts together, or in the script itself."""

import codecs
import re
from collections.abc import Mapping
from urllib.parse import unquote

from parsing import emails

MAX_CHARS = 2_000
WHOLE = ("data-email", "data-mail", "data-e-mail", "data-mailto", "data-email-address", "data-contact")
#: Spelled by letters 13 places on (WordPress, 2026-11).
TURNED = ("data-enc-email", "data-rot13")
LOCALS = ("data-user", "data-username", "data-local", "data-local-part", "data-name", "data-account", "data-u", "data-part1")
HOSTS = ("data-domain", "data-website", "data-host", "data-d", "data-part2")
TOPS = ("data-tld", "data-part3")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
JOINT = re.compile(r"['\"]\s*\+\s*['\"]")


def of(attributes: Mapping[str, str | None], href: str) -> str | None:
    """The address that a link hides; None where it hides none.

    >>> of({"data-user": "info", "data-domain": "example", "data-tld": "com"}, "#")
    'info@example.com'
    >>> of({"data-enc-email": "vasb[at]rknzcyr.pbz"}, "#"), of({}, "javascript:location='mail'+'to:info'+'@example.com'")
    ('info@example.com', 'info@example.com')
    """
    if href[:11].lower() == "javascript:":
        return _in_script(href[11:MAX_CHARS])
    return _whole(attributes) or _in_parts(attributes)


def _in_script(code: str) -> str | None:
    plain = ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), JOINT.sub("", unquote(code)))
    _, told, rest = plain.partition("mailto:")
    return next((address for _, address in emails.find(rest[:300])), None) if told else None


def _whole(attributes: Mapping[str, str | None]) -> str | None:
    given = [_value(attributes, (name,)) for name in WHOLE]
    given += [codecs.encode(_value(attributes, (name,)).replace("[at]", "@"), "rot13") for name in TURNED]
    return next((address for text in given if text for _, address in emails.find(text)), None)


def _in_parts(attributes: Mapping[str, str | None]) -> str | None:
    local, host, top = (_value(attributes, names) for names in (LOCALS, HOSTS, TOPS))
    if not local or not host:
        return None
    return emails.normal(f"{local}@{host}.{top.lstrip('.')}" if top else f"{local}@{host.lstrip('@')}")


def _value(attributes: Mapping[str, str | None], names: tuple[str, ...]) -> str:
    return next((value.strip()[:300] for name in names if (value := attributes.get(name))), "")
