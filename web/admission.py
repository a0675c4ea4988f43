"""Whether who opened a stream may still hold it: a key that was revoked, and a session that was ended, end it within seconds."""

import clock
from errors import NotFound, SystemFault
from topics.access import api_keys, opening, sessions
from web import access

#: Seconds between two looks.
EVERY_S = 5.0


class Admission:
    """Of the caller of this request. Made inside the request; asked from the stream's thread."""

    def __init__(self) -> None:
        self._who = access.caller()
        self._next = clock.monotonic() + EVERY_S

    def holds(self) -> bool:
        """Whether the caller would still be let in; cheap to ask often. While Redis is away it is."""
        if clock.monotonic() < self._next:
            return True
        self._next = clock.monotonic() + EVERY_S
        try:
            return self._is_valid()
        except NotFound:
            return False
        except SystemFault:
            return True

    def _is_valid(self) -> bool:
        if self._who.key_id:
            return api_keys.get(self._who.key_id).is_valid
        if self._who.session_id:  # a look at the list is no use of the session: an open stream does not keep it alive
            return any(one.id == self._who.session_id for one in sessions.of_user(self._who.name))
        return not opening.has_callers()
