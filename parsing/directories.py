"""Hosts that are no company's own site: social networks, directories, markets, press. The list is a file users can change."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import errors
from parsing import web_urls


@dataclass(frozen=True, slots=True)
class Directories:
    """The list. `hosts`: host → what it is; `brands`: the label before any ending; `paths`: host → paths that count alone."""

    hosts: dict[str, str] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    paths: dict[str, dict[str, str]] = field(default_factory=dict)

    def kind_of(self, url: str) -> str | None:
        """What the host of an address is; None for one that may be a company's own, and for no address.

        >>> listed = of([("social", ["facebook.com", "google.com/maps"]), ("directories", ["yelp.*"])])
        >>> [listed.kind_of(f"https://{at}") for at in ("m.facebook.com/acme", "www.yelp.co.uk", "acme.com", "google.com/maps")]
        ['social', 'directories', None, 'social']
        """
        try:
            parsed = web_urls.parse(url)
        except errors.DataError:
            return None
        labels = parsed.host.split(".")
        for at in range(len(labels) - 1):
            host = ".".join(labels[at:])
            if kind := self.hosts.get(host):
                return kind
            for path, kind in self.paths.get(host, {}).items():
                if re.match(rf"{re.escape(path)}(?![^/])", parsed.path):
                    return kind
        return self._branded(parsed.host)

    def _branded(self, host: str) -> str | None:
        """By the label before the ending: `yelp` in www.yelp.co.uk, `maps.google` in maps.google.de."""
        domain = web_urls.site_of(host)
        label = domain.partition(".")[0]
        below = host.removesuffix(domain).rstrip(".")
        return self.brands.get(label) or (self.brands.get(f"{below}.{label}") if below else None)


def of(rows: Iterable[tuple[str, list[str]]]) -> Directories:
    """The list by the rows of its file: what hosts are, and the hosts. Raises DataError for what is no host."""
    found = Directories()
    for kind, spellings in rows:
        for spelling in spellings:
            host, _, path = spelling.strip().lower().removeprefix("www.").partition("/")
            if host.endswith(".*"):
                found.brands[host[:-2]] = kind
            elif not re.fullmatch(r"[^\s/:]+\.[^\s/:.]+", host):
                raise errors.DataError(f"{spelling!r:.80} is no host: write example.com, example.* or example.com/path.")
            elif path:
                found.paths.setdefault(host, {})[f"/{path}"] = kind
            else:
                found.hosts[host] = kind
    return found
