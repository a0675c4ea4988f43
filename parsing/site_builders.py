"""Sites below the host of a builder: `acme.business.site` is Acme's, `other.business.site` is another's."""

from functools import cache
from pathlib import Path


def own_part(host: str) -> str | None:
    """The name that one owner has below a builder's host; None where the host is below none, or the builder's own.

    >>> own_part("www.acme.business.site"), own_part("www.weebly.com"), own_part("example.com")
    ('acme.business.site', None, None)
    """
    parts = host.lower().rstrip(".").split(".")
    for at in range(1, len(parts) - 1):
        if ".".join(parts[at:]) in _hosts() and parts[at - 1] != "www":
            return ".".join(parts[at - 1 :])
    return None


@cache
def _hosts() -> frozenset[str]:
    lines = (Path(__file__).parent / "site_builders.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
