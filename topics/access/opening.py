"""Whether the server is still open: as long as nobody has made a key or a user, this machine alone may do everything."""

from state.access import api_keys
from topics.access.recent import Recent


def has_callers() -> bool:
    """Whether a key or a user was ever made. From then on nobody is let in without one, also when the last was revoked."""
    return _recent.get("") is not None


def _read(name: str) -> bool | None:
    return api_keys.is_closed() or None


_recent: Recent[bool] = Recent(_read)
