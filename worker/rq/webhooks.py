"""RQ's webhooks: an HTTP request when a job has finished or failed, to hosts that WEBHOOK_HOSTS names and to no other.

Whoever can write to Redis can write an address there; so by default none is called, and a redirect never leads elsewhere. At most
once; what goes wrong is logged and changes no outcome.
"""

import base64
import json
import logging
import urllib.error
import urllib.parse
import urllib.request
import zlib
from typing import Any

from rq.webhook import Webhook

import clock
import config
import queues
from state.engine import leases
from state.store import connection

log = logging.getLogger("trawl.outcome")

FIELD = b"webhooks"

#: Longest time one request may take (s), whatever the job asks for.
MOST_S = 30


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """A redirect is an answer like any other."""


def has_any(settlement: leases.Settlement) -> bool:
    """Whether a webhook may wait for this outcome."""
    return settlement.outcome in ("finished", "failed") and settlement.job.fields.get(FIELD, b"") not in (b"", b"[]", b"null")


def send(settlement: leases.Settlement) -> None:
    """Send the webhooks of this outcome, one after the other. Raises ValueError, KeyError and TypeError for a broken record."""
    hooks = [Webhook.from_dict(one) for one in json.loads(settlement.job.fields[FIELD])]
    for hook in hooks:
        if hook.job_status == settlement.outcome:
            _send(hook, settlement)


def _send(hook: Webhook, settlement: leases.Settlement) -> None:
    address = urllib.parse.urlsplit(hook.url)
    details = {"job": settlement.job.id, "host": address.hostname}
    if (address.hostname or "") not in config.settings().allowed_webhook_hosts:
        log.warning("Webhook not sent: its host is not in WEBHOOK_HOSTS", extra=details)
        return
    body = None
    headers = dict(hook.headers or {})
    if hook.method == "POST":
        job = queues.Job(settlement.job.id, connection=connection.client())
        job.restore(settlement.job.fields)  # as it was when it began: its record may be gone by now
        job.ended_at = clock.now()
        body = json.dumps(hook.get_payload(job, exc_string=_trace(settlement))).encode()
        headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(hook.url, body, headers, method=hook.method)
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=min(hook.timeout, MOST_S)):
            pass
    except (OSError, ValueError) as exc:  # urllib's errors are OSErrors; a header may be broken
        log.warning("Webhook failed: %s", exc, extra=details)


def _trace(settlement: leases.Settlement) -> str:
    return zlib.decompress(base64.b64decode(settlement.error)).decode() if settlement.error else ""
