"""The sandbox's replies: Scrape.do's routes, headers, prices and refusals (its documentation, read 2026-11). No sockets here.

/                       a Google result page as HTML; with disableRedirection the Location of a /goto link
/plugin/google/search   the same results as JSON
/info                   state of the account
"""

import json
import threading
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import clock
import errors
from sandbox import options, page_requests, pages, rankings, replay, source

COST_PAGE = {False: 10, True: 25}  # credits of a Google page by `render`; residential addresses are forced for Google
COST_PLUGIN = 10
COST_LINK = 10
CHARGED = (200, 404)
LOG_LENGTH = 10_000  # requests remembered

#: Refusals by kind: status, message, error type. The messages are the sandbox's; the form is Scrape.do's.
REFUSALS = {
    "bad_token": (401, "Unauthorized: the token is invalid", "TokenError"),
    "no_credits": (401, "You have no credits left this month", "CreditError"),
    "busy": (429, "You are sending requests too quickly: concurrency limit exceeded", "ConcurrencyError"),
    "failed": (502, "Request has failed, please try again", "ProxyError"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply. `kind`: page, captcha, js_required, consent, no_results, link, plugin, info, bad_request, or one of REFUSALS."""

    status: int
    body: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in; `params` without the token."""

    path: str
    params: Mapping[str, str]
    status: int
    kind: str


class Responder:
    """Answers requests, and keeps the account, the log and the counters. Safe for any number of threads."""

    def __init__(self, settings: options.Options) -> None:
        self.options = settings
        self.credits = settings.credits
        self.in_flight = 0
        self.peak = 0  # most requests in flight at once
        self.requests: deque[Seen] = deque(maxlen=LOG_LENGTH)
        self.counts: Counter[str] = Counter()  # answers by kind
        self.forced: deque[str] = deque()  # kinds of the next answers, used before any share is drawn; "" = a good one
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._source: source.Source = (
            replay.Recorded(settings.replay)
            if settings.replay
            else source.Invented(seed=settings.seed, domains=settings.domains, no_results=settings.no_results)
        )

    def answer(self, target: str) -> Answer:
        """The reply to one request target (`/?token=…&url=…`). A mistake of the client is a reply too."""
        parts = urlsplit(target)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        token = params.pop("token", "")
        with self._lock:
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
            crowded = self.in_flight > self.options.concurrency
        try:
            answer = self._decided(parts.path, params, token, crowded)
        except errors.DataError as exc:
            answer = _error(400, str(exc), "ParameterError", "bad_request")
        finally:
            with self._lock:
                self.in_flight -= 1
        answer = self._charged(parts.path, params, answer)
        with self._lock:
            self.requests.append(Seen(parts.path, params, answer.status, answer.kind))
            self.counts[answer.kind] += 1
        return answer

    def _decided(self, path: str, params: Mapping[str, str], token: str, crowded: bool) -> Answer:
        if not token or (self.options.token is not None and token != self.options.token):
            return _refusal("bad_token")
        if path == "/info":
            return self._info()
        if path not in ("/", "/plugin/google/search"):
            return _error(404, f"No such route: {path}", "RouteError", "bad_request")
        fault = "busy" if crowded else self._fault(params)
        if fault in REFUSALS:
            return _refusal(fault)
        if self.options.latency_ms:
            clock.wait(self.options.latency_ms / 1000)
        if path != "/":
            return self._plugin(params, fault)
        return self._link(params) if "disableRedirection" in params else self._page(params, fault)

    def _fault(self, params: Mapping[str, str]) -> str:
        """The fault of this reply, or "". The same try of the same request has the same fault, in any order of threads."""
        shares = {
            "busy": self.options.status_429,
            "failed": self.options.status_502,
            "captcha": self.options.captcha,
            "js_required": self.options.js_required,
            "consent": self.options.consent,
        }
        with self._lock:
            if self.forced:
                return self.forced.popleft()
            if not any(shares.values()):
                return ""
            request = params.get("url") or f"{params.get('q')}|{params.get('start')}"
            self._tries[request] += 1
            left = rankings.roll(self.options.seed, "fault", request, self._tries[request])
        for kind, share in shares.items():
            left -= share
            if left < 0:
                return kind
        return ""

    def _page(self, params: Mapping[str, str], fault: str) -> Answer:
        request = page_requests.read_url(params.get("url", ""), params.get("device", "desktop"))
        text = request.query.text
        if fault == "captcha":
            return _google(429, fault, pages.captcha(request.url))
        if fault:
            return _google(200, fault, pages.consent(request.url) if fault == "consent" else pages.js_required(text))
        opaque = rankings.roll(self.options.seed, "opaque", text, request.start) < self.options.opaque
        body = self._source.page(request, opaque=opaque)
        return _google(200, "page", body) if body else _google(200, "no_results", pages.no_results(text))

    def _plugin(self, params: Mapping[str, str], fault: str) -> Answer:
        request = page_requests.read_plugin(params)
        if fault:
            return _refusal("failed")  # the plugin hides Google's gates
        value = {
            "search_parameters": {"q": request.query.text, "hl": request.query.language, "gl": request.query.country},
            "search_information": {"generator": "Trawl sandbox", "invented": self.options.replay is None},
            "organic_results": self._source.rows(request),
            "related_questions": [],
            "related_searches": [],
        }
        return _json(200, value, "plugin")

    def _link(self, params: Mapping[str, str]) -> Answer:
        url = params.get("url", "")
        parts = urlsplit(url)
        if parts.path != "/goto":
            raise errors.DataError(f"url={url[:100]!r}: with disableRedirection the sandbox only knows /goto links")
        target = self._source.location(f"/goto?{parts.query}")
        if target is None:
            return Answer(404, b"", "link", {"Scrape.do-Initial-Status-Code": "404"})
        return Answer(200, b"", "link", {"Scrape.do-Initial-Status-Code": "302", "Scrape.do-Target-Redirected-Location": target})

    def _info(self) -> Answer:
        state = {
            "IsActive": True,
            "ConcurrentRequest": self.options.concurrency,
            "MaxMonthlyRequest": self.options.credits,
            "RemainingConcurrentRequest": max(0, self.options.concurrency - self.in_flight + 1),
            "RemainingMonthlyRequest": self.credits,
        }
        return _json(200, state, "info")

    def _charged(self, path: str, params: Mapping[str, str], answer: Answer) -> Answer:
        """The answer with its cost and the credits that are left, or a refusal if the account cannot pay it.

        Only answers of Google or the plugin cost.
        """
        from_target = answer.kind == "plugin" or "Scrape.do-Initial-Status-Code" in answer.headers
        cost = _cost(path, params) if from_target and answer.status in CHARGED else 0
        with self._lock:
            if cost > self.credits:
                answer, cost = _refusal("no_credits"), 0
            self.credits -= cost
            left = self.credits
        paid = {"Scrape.do-Request-Cost": f"{cost:g}", "Scrape.do-Remaining-Credits": f"{left:.12g}"}
        return Answer(
            answer.status, answer.body, answer.kind, {**answer.headers, **paid, "Scrape.do-Request-Id": str(uuid.uuid4())}
        )


def _cost(path: str, params: Mapping[str, str]) -> float:
    if path != "/":
        return COST_PLUGIN
    return COST_LINK if "disableRedirection" in params else COST_PAGE[params.get("render") == "true"]


def _google(status: int, kind: str, body: str) -> Answer:
    headers = {"Content-Type": "text/html; charset=utf-8", "Scrape.do-Initial-Status-Code": str(status)}
    return Answer(status, body.encode(), kind, headers)


def _json(status: int, value: Any, kind: str) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), kind, {"Content-Type": "application/json"})


def _refusal(kind: str) -> Answer:
    status, message, error_type = REFUSALS[kind]
    return _error(status, message, error_type, kind)


def _error(status: int, message: str, error_type: str, kind: str) -> Answer:
    value = {
        "StatusCode": status,
        "Message": [message],
        "URL": "",
        "PossibleCauses": [],
        "ErrorType": error_type,
        "ErrorCode": status,
        "Contact": "",
    }
    return _json(status, value, kind)
