"""What is done with alerts: a test is sent to every target, or nothing is told for a time."""

from flask import Flask, Response, request

import wording
from topics.alerts import delivering, telling
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame

#: Lengths of a silence (s).
LENGTHS = tuple((str(length_s), wording.duration(length_s)) for length_s in (1800, 3600, 7200, 28_800, 86_400, 604_800))


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/alerts/test", "alerts_test", test, methods=["POST"])
    app.add_url_rule("/alerts/quiet", "alerts_quiet", quiet, methods=["POST"])


@access.needs(Role.ADMIN)
def test() -> Response:
    """Send a test to every target."""
    found = delivering.test_targets()
    says = "; ".join(f"{name}: {'ok' if sent.ok else f'failed ({sent.says})'}" for _, name, sent in found)
    return frame.done("/alerts", says or "There is no target.")


@access.needs(Role.ADMIN)
def quiet() -> Response:
    """Be quiet for a time, or tell again."""
    length = request.form.get("for_s", "")
    if not length:
        telling.tell_again()
        return frame.done("/alerts", "Alerts are told again.")
    if length not in dict(LENGTHS):
        raise Problem(422, f"for_s {length!r:.20} is none of the lengths to choose from.")
    made = telling.be_quiet(float(length), request.form.get("note", ""), access.caller().name)
    return frame.done("/alerts", f"Nothing is told until {made.until:%Y-%m-%d %H:%M} UTC; what happens meanwhile is told then.")
