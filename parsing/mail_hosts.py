"""Whose mail servers a company uses, by their names (`mail_providers.tsv`)."""

from collections.abc import Iterable
from functools import cache

from parsing import names


def provider(hosts: Iterable[str]) -> str | None:
    """The provider of the first host that the table knows; None where it knows none.

    >>> provider(["alt1.aspmx.l.google.com"]), provider(["mail.notgoogle.com"]), provider([])
    ('Google Workspace', None, None)
    """
    for host in hosts:
        labels = host.lower().rstrip(".").split(".")
        for start in range(len(labels)):
            if found := _providers().get(".".join(labels[start:])):
                return found
    return None


@cache
def _providers() -> dict[str, str]:
    return {end: name for name, ends in names.table("mail_providers.tsv") for end in ends}
