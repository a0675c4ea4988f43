"""A secret that is shown once: in the reply to the form that made it, which no cache keeps and no address leads to."""

from flask import Response

from web.pages import frame


def show(title: str, says: str, secret: str, back: str, label: str) -> Response:
    """The page with a new secret. It has no address of its own: to load it again would make another one."""
    page = frame.show("secret.html", title, status=201, says=says, secret=secret, back=back, label=label)
    page.headers["Cache-Control"] = "no-store"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page
