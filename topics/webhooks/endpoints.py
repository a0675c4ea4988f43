"""Endpoints: added by hand for all jobs, or registered with one submission; checked, switched on and off, removed."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import clock
import config
import queues
from clients import fetch
from errors import ArgumentError, NotAllowed, NotFound
from state.engine import outbox
from state.engine.changes import KIND
from state.store import connection
from state.webhooks import endpoints, rousing
from state.webhooks.endpoints import Endpoint
from topics.webhooks import missed

#: What an endpoint can be told. `page`: each page of a batch or crawl. Without a choice: the ends (Firecrawl's: its four).
#: `alert.…`: incidents of the whole system (topics/alerts/), for endpoints that no API key owns.
ALERTS = ("alert.opened", "alert.worse", "alert.recovered")
EVENTS = ("started", "page", "completed", "failed", "cancelled", *ALERTS)
ENDS = ("completed", "failed", "cancelled")
STYLES: dict[str, tuple[str, ...]] = {"trawl": ENDS, "firecrawl": ("started", "page", "completed", "failed")}

#: Endpoints of one submission; characters of metadata as JSON; length of a secret.
MOST_OF_ONE, MOST_METADATA, MOST_STANDING = 5, 4096, 100

#: Why an endpoint is off that somebody switched off.
BY_HAND = "switched off by hand"

#: Standing ones of an API key: no key takes all that there may be.
MOST_OF_A_KEY = 20

NAME = re.compile(r"[\w .:@/-]{1,60}")
OURS = re.compile(r"x-(?:trawl|firecrawl)-.*|content-type|user-agent", re.IGNORECASE)


def register(
    job_id: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    events: Iterable[str] | None = None,
    style: str = "trawl",
) -> tuple[str, ...]:
    """Have `url` told what becomes of this job, batch or crawl; before its submit or after, also where it has ended by now.

    The same address twice is told once. Returns warnings, one line each. Raises ArgumentError, BadUrl, RefusedAddress.
    """
    wanted = check(url, headers, metadata, events, style)
    _refuse_alerts(wanted, "this webhook is told of one submission")
    owner = current_owner()
    with connection.errors_translated():
        here = endpoints.of_targets([job_id])[0]
        if any(one.url == url and one.style == style for one in here):
            return ()
        if len(here) >= MOST_OF_ONE:
            raise ArgumentError(f"webhook: one submission takes at most {MOST_OF_ONE}, and {job_id} has as many.")
        secret = endpoints.secret_of(owner)
        keep_s = config.settings().result_days * 86400
        made = Endpoint(
            _token(), url, "", style, wanted, (), secret, dict(headers or {}), dict(metadata or {}), owner, target=job_id
        )
        endpoints.put(made, _now_ms(), keep_s)
        outbox.want(job_id, wanted, keep_s)
        missed.add(job_id, wanted)
    return () if secret else (UNSIGNED,)


def forget(job_id: str) -> None:
    """Nobody is told of this submission: it was refused."""
    with connection.errors_translated():
        for one in endpoints.of_targets([job_id])[0]:
            endpoints.remove(one.id)


UNSIGNED = "the webhook is not signed: make a secret by `python manage.py webhook secret` or POST /api/v1/webhooks/secret"


def check(
    url: str,
    headers: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    events: Iterable[str] | None = None,
    style: str = "trawl",
) -> tuple[str, ...]:
    """The events of a webhook whose parts are all right. Needs no network. Raises as `register`."""
    if style not in STYLES:
        raise ArgumentError(f"webhook: no style {style!r:.40}: there are {', '.join(STYLES)}.")
    fetch.check(fetch.Request(url, headers=headers or {}))
    if wrong := next((name for name in headers or {} if OURS.fullmatch(name)), None):
        raise ArgumentError(f"webhook.headers: {wrong} is set by Trawl: leave it out.")
    check_metadata(metadata or {})
    return check_events(STYLES[style] if events is None else events)


def check_events(events: Iterable[str]) -> tuple[str, ...]:
    """Names of events, in order and once. Raises ArgumentError."""
    if isinstance(events, str) or not (given := list(events)):
        raise ArgumentError(f"webhook.events: give a list out of {', '.join(EVENTS)}.")
    if wrong := next((name for name in given if name not in EVENTS), None):
        raise ArgumentError(f"webhook.events: there is no {wrong!r:.40}: there are {', '.join(EVENTS)}.")
    return tuple(name for name in EVENTS if name in given)


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raises ArgumentError for what is no small JSON object."""
    try:
        if not isinstance(metadata, Mapping) or len(json.dumps(dict(metadata), allow_nan=False)) > MOST_METADATA:
            raise ValueError
    except (TypeError, ValueError, RecursionError):
        raise ArgumentError(f"webhook.metadata: give a JSON object of at most {MOST_METADATA:,} characters.") from None


def add(endpoint: Endpoint) -> tuple[Endpoint, str]:
    """Add a standing endpoint, of which url, name, style, events, kinds, headers, metadata and owner are taken.

    Returns it with its secret, which is never shown again. Raises ArgumentError, BadUrl, RefusedAddress.
    """
    events = check(endpoint.url, endpoint.headers, endpoint.metadata, endpoint.events or None, endpoint.style)
    if not NAME.fullmatch(endpoint.name):
        raise ArgumentError(
            f"the name of a webhook must be 1 to 60 letters, digits, spaces and . : @ / _ -, not {endpoint.name!r:.60}."
        )
    if wrong := next((kind for kind in endpoint.kinds if not KIND.fullmatch(kind)), None):
        raise ArgumentError(f"no kind {wrong!r:.60}: it must be up to 40 letters, digits, - and _.")
    if endpoint.owner:
        _refuse_alerts(events, "a webhook of an API key is told of the jobs of that key")
    secret = new_secret()
    parts = (endpoint.name, endpoint.style, events, endpoint.kinds, secret, endpoint.headers, endpoint.metadata, endpoint.owner)
    made = Endpoint(_token(), endpoint.url, *parts)
    with connection.errors_translated():
        _refuse_too_many(made.owner)
        endpoints.put(made, _now_ms(), 0)
        want_standing()
        return endpoints.find(made.id) or made, secret


def _refuse_alerts(events: Iterable[str], why: str) -> None:
    if wrong := next((name for name in events if name in ALERTS), None):
        raise ArgumentError(
            f"webhook.events: {wrong} is about the whole system, and {why}: add one by `webhook add`, or as a person."
        )


def _refuse_too_many(owner: str) -> None:
    there = endpoints.standing()
    if owner and sum(one.owner == owner for one in there) >= MOST_OF_A_KEY:
        raise NotAllowed(f"this API key has {MOST_OF_A_KEY} standing webhooks: remove one that is needed no more.")
    if len(there) >= MOST_STANDING:
        raise NotAllowed(f"there are {MOST_STANDING} standing webhooks: remove one that is needed no more.")


def find(endpoint_id: str) -> Endpoint:
    """The endpoint of that id. Raises NotFound."""
    with connection.errors_translated():
        found = endpoints.find(endpoint_id) if queues.JOB_ID.fullmatch(endpoint_id) else None
    if found is None:
        raise unknown(endpoint_id)
    return found


def unknown(endpoint_id: str) -> NotFound:
    """The error for an id of no endpoint."""
    return NotFound(f"No webhook {endpoint_id!r:.60}: `python manage.py webhook list` shows those there are.")


def standing() -> list[Endpoint]:
    """All standing endpoints."""
    with connection.errors_translated():
        return endpoints.standing()


def of_job(job_id: str) -> list[Endpoint]:
    """The endpoints that came with a submission."""
    with connection.errors_translated():
        return endpoints.of_targets([job_id])[0]


def remove(endpoint_id: str) -> None:
    """Forget an endpoint, with what it was still to be told. Raises NotFound."""
    find(endpoint_id)
    with connection.errors_translated():
        endpoints.remove(endpoint_id)
        want_standing()


def switch(endpoint_id: str, on: bool, reason: str = BY_HAND) -> None:
    """Tell an endpoint again, with what waits; or nothing any more. Raises NotFound."""
    find(endpoint_id)
    with connection.errors_translated():
        if on:
            rousing.switch_on(endpoint_id)
        else:
            endpoints.write(endpoint_id, off=reason, off_ms=_now_ms())


def new_secret_of(owner: str) -> str:
    """A new secret that signs what comes of an owner's submissions from now on; it is never shown again."""
    secret = new_secret()
    with connection.errors_translated():
        endpoints.set_secret(owner, secret)
    return secret


def want_standing() -> None:
    """Have the engine keep what the standing endpoints want."""
    outbox.want_all({event for one in endpoints.standing() for event in one.events if event not in ALERTS})


def new_secret() -> str:
    """256 random bits."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def current_owner() -> str:
    """Who owns what is submitted now; "" = nobody."""
    found = getattr(queues, "current_owner", None)
    return str(found() or "") if found else ""


def _token() -> str:
    return secrets.token_hex(8)


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)
