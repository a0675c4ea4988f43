"""What a form was refused for: shown above the form, which keeps what was typed."""

from errors import TrawlError
from web import errors
from web.errors import Problem


def of(exc: TrawlError) -> Problem:
    """Why a form was refused, with its status. What is no fault of the form rises."""
    found = errors.of(exc)
    if not 400 <= found.status < 500:
        raise exc
    return found
