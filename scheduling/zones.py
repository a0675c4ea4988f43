"""Time zones by their names in the IANA list."""

import difflib
import functools
import re
import zoneinfo

from errors import ArgumentError

#: Zones of the machine or of old systems, which mean something else elsewhere.
NOT_NAMES = ("localtime", "posixrules", "Factory")

NAMED = 3


#: An offset as people write it: `UTC+2`, `GMT-05:00`, `+0200`.
OFFSET = re.compile(r"(?:utc|gmt)?_?([+-])(\d{1,2}):?(\d{2})?")


def _fixed(offset: re.Match[str]) -> str:
    """The hint for `UTC+2`: IANA writes fixed offsets the other way round, and its towns know daylight saving."""
    sign, hours, minutes = "-" if offset[1] == "+" else "+", int(offset[2]), int(offset[3] or 0)
    fixed = (
        f", or Etc/GMT{sign}{hours}, whose sign is turned round"
        if 0 < hours <= (12 if sign == "+" else 14) and not minutes
        else ""
    )
    return f"name a town there, e.g. Europe/Berlin{fixed}"


def zone_named(text: str) -> str:
    """A time zone in the spelling of the IANA list. Raises ArgumentError with the nearest names.

    >>> zone_named("europe/berlin"), zone_named("utc")
    ('Europe/Berlin', 'UTC')
    """
    known = _zones()
    wanted = text.strip().replace(" ", "_").lower()
    if wanted in known:
        return known[wanted]
    if offset := OFFSET.fullmatch(wanted):
        raise ArgumentError(f"--zone {text!r:.60} is no time zone of the IANA list: {_fixed(offset)}")
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
