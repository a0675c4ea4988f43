"""A client that leaves while its request runs: whoever holds a thread for it learns of it at once, not at the next write."""

from collections.abc import Callable

from flask import request


def call(callback: Callable[[], None]) -> None:
    """Have this called, in the server's own thread, when the client of this request has hung up. It must not wait.

    Where another server than `manage.py web` runs the application, nothing is called: the next write finds out.
    """
    asked = request.environ.get("waitress.client_disconnected")
    wants: Callable[[Callable[[], None]], None] | None = getattr(getattr(asked, "__self__", None), "call_on_close", None)
    if wants is not None:
        wants(callback)
