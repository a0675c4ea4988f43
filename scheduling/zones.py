"""Time zones by their names in the IANA list."""

import difflib
import functools
import zoneinfo

from errors import ArgumentError

#: Zones of the machine or of old systems, which mean something else elsewhere.
NOT_NAMES = ("localtime", "posixrules", "Factory")

NAMED = 3


def zone_named(text: str) -> str:
    """A time zone in the spelling of the IANA list. Raises ArgumentError with the nearest names.

    >>> zone_named("europe/berlin"), zone_named("utc")
    ('Europe/Berlin', 'UTC')
    """
    known = _zones()
    wanted = text.strip().replace(" ", "_").lower()
    if wanted in known:
        return known[wanted]
    towns = {name.rpartition("/")[2]: name for name in known}
    near = [name for name in known if wanted and name.endswith(f"/{wanted}")]
    near += [towns[town] for town in difflib.get_close_matches(wanted, towns, NAMED, 0.75)]
    near += difflib.get_close_matches(wanted, known, NAMED, 0.7)
    names = list(dict.fromkeys(known[name] for name in near))[:NAMED]
    hint = f"did you mean {' or '.join(names)}?" if names else "use a name such as UTC or Europe/Berlin"
    raise ArgumentError(f"--zone {text!r:.60} is no time zone of the IANA list: {hint}")


@functools.cache
def _zones() -> dict[str, str]:
    names = zoneinfo.available_timezones()
    return {name.lower(): name for name in sorted(names) if name not in NOT_NAMES and not name.startswith(("posix/", "right/"))}
