"""What the sandbox answers: Scrape.do's routes, headers, prices and refusals (its documentation, read 2026-11). No sockets here.

    /                       a Google result page as HTML; with disableRedirection a /goto link's Location
    /plugin/google/search   the same results as JSON
    /info                   state of the account
"""

import base64
import hashlib
import json
import threading
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import clock
import errors
import models
from sandbox import google, knobs, replay

COST_PAGE = {False: 10, True: 25}  # credits of a Google page, by `render`: residential addresses are forced for Google
COST_PLUGIN = 10
COST_LINK = 10
LOG_LENGTH = 10_000  # requests remembered

MESSAGES = {
    "token": (401, "Unauthorized: the token is invalid", "TokenError"),
    "credits": (401, "You have no credits left this month", "CreditError"),
    "busy": (429, "You are sending requests too quickly: concurrency limit exceeded", "ConcurrencyError"),
    "failed": (502, "Request failed, please try again", "ProxyError"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply. `kind` says what it is: page, captcha, js_required, consent, no_results, link, plugin, info or the refusal."""

    status: int
    body: bytes
    kind: str
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in; `params` without the token."""

    path: str
    params: Mapping[str, str]
    status: int
    kind: str


class Desk:
    """Answers requests; keeps the account, the log and the counters. Safe for any number of threads."""

    def __init__(self, settings: knobs.Knobs) -> None:
        self.knobs = settings
        self.credits = settings.credits
        self.in_flight = 0
        self.peak = 0  # most requests in flight at once
        self.requests: deque[Seen] = deque(maxlen=LOG_LENGTH)
        self.counts: Counter[str] = Counter()  # answers by kind
        self.forced: deque[str] = deque()  # kinds of the next answers, before any share is asked
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._recorded = replay.Recordings(settings.replay) if settings.replay else None

    def answer(self, target: str) -> Answer:
        """The reply to one request target (`/?token=…&url=…`). Never raises for what the client sent."""
        parts = urlsplit(target)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        token = params.pop("token", "")
        with self._lock:
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
            crowded = self.in_flight > self.knobs.concurrency
        try:
            answer = self._decide(parts.path, params, token, crowded)
        except errors.DataError as exc:
            answer = _refused(400, str(exc), "ParameterError", "bad_request")
        finally:
            with self._lock:
                self.in_flight -= 1
        with self._lock:
            self.requests.append(Seen(parts.path, params, answer.status, answer.kind))
            self.counts[answer.kind] += 1
        return answer

    def _decide(self, path: str, params: Mapping[str, str], token: str, crowded: bool) -> Answer:
        if not token or (self.knobs.token is not None and token != self.knobs.token):
            return _told("token")
        if path == "/info":
            return self._info()
        if path not in ("/", "/plugin/google/search"):
            return _refused(404, f"No such route: {path}", "RouteError", "bad_request")
        if crowded:
            return _told("busy")
        fault = self._fault(params)
        if fault in MESSAGES:
            return _told(fault)
        if self.knobs.latency_ms:
            clock.wait(self.knobs.latency_ms / 1000)
        if params.get("disableRedirection") == "true":
            return self._charged(COST_LINK, self._link(params))
        if path == "/":
            return self._charged(COST_PAGE[params.get("render") == "true"], self._page(params, fault))
        return self._charged(COST_PLUGIN, self._plugin(params, fault))

    def _fault(self, params: Mapping[str, str]) -> str:
        """What goes wrong this time: the same at the same try of the same request, whatever the order of threads."""
        with self._lock:
            if self.forced:
                return self.forced.popleft()
            shares = {
                "busy": self.knobs.status_429,
                "failed": self.knobs.status_502,
                "captcha": self.knobs.captcha,
                "js_required": self.knobs.js_required,
                "consent": self.knobs.consent,
            }
            if not any(shares.values()):
                return ""
            asked = params.get("url") or json.dumps(dict(params), sort_keys=True)
            self._tries[asked] += 1
            tries = self._tries[asked]
        left = google.roll(self.knobs.seed, "fault", asked, tries)
        for kind, share in shares.items():
            left -= share
            if left < 0:
                return kind
        return ""

    def _page(self, params: Mapping[str, str], fault: str) -> Answer:
        asked = google.read_url(params.get("url", ""), params.get("device", "desktop"))
        if fault:
            status = 429 if fault == "captcha" else 200  # Google's own status
            return _html(google.blocked(fault, asked), fault, status)
        body = self._recorded.page(asked, opaque=self._is_opaque(asked)) if self._recorded else None
        if self._recorded:
            return _html(body, "page") if body else _html(google.nothing(asked).encode(), "no_results")
        found = google.render(asked, self.knobs, opaque=self._is_opaque(asked))
        return _html(found.encode(), "page") if found else _html(google.nothing(asked).encode(), "no_results")

    def _plugin(self, params: Mapping[str, str], fault: str) -> Answer:
        asked = google.read_plugin(params)
        if fault:
            return _told("failed")  # the plugin answers a failure where Google answered it with a gate
        rows = self._recorded.rows(asked) if self._recorded else google.rows(asked, self.knobs)
        return _json(200, google.plugin_reply(asked, rows), "plugin")

    def _link(self, params: Mapping[str, str]) -> Answer:
        url = params.get("url", "")
        parts = urlsplit(url)
        if parts.path != "/goto":
            raise errors.DataError(f"{url[:100]!r}: the sandbox follows /goto links of its own pages only")
        target = self._recorded.location(f"/goto?{parts.query}") if self._recorded else None
        target = target or google.open_link(f"/goto?{parts.query}", self.knobs.seed)
        headers = {"Scrape.do-Initial-Status-Code": "302" if target else "404"}
        if target:
            headers["Scrape.do-Target-Redirected-Location"] = target
        return Answer(200 if target else 404, b"", "link", headers=headers)

    def _is_opaque(self, asked: google.Asked) -> bool:
        return google.roll(self.knobs.seed, "opaque", asked.query.text, asked.start) < self.knobs.opaque

    def _info(self) -> Answer:
        free = max(0, self.knobs.concurrency - self.in_flight + 1)
        state = {
            "IsActive": True,
            "ConcurrentRequest": self.knobs.concurrency,
            "MaxMonthlyRequest": self.knobs.credits,
            "RemainingConcurrentRequest": free,
            "RemainingMonthlyRequest": self.credits,
        }
        return _json(200, state, "info")

    def _charged(self, cost: float, answer: Answer) -> Answer:
        """The answer with its price, or the refusal where the account cannot pay it."""
        with self._lock:
            if self.credits < cost:
                return _told("credits")
            self.credits -= cost
            left = self.credits
        paid = {"Scrape.do-Request-Cost": f"{cost:g}", "Scrape.do-Remaining-Credits": f"{left:.10g}"}
        return Answer(answer.status, answer.body, answer.kind, answer.content_type, {**answer.headers, **paid})
