"""One call to Scrape.do, or to the sandbox, which has the same API: token, deadline, size limit, free retries, errors.

The documentation (scrape.do/documentation: status codes, request costs, response output; read 2026-11) says:

- charged: 2xx, 404, 410 and a target's own 400,
- free: 401 (no credits, suspended, bad token), 429 (too many at once), 502 and 510,
- the service's own errors are JSON with `Message`,
- a target's answer has the header `Scrape.do-Initial-Status-Code`.

The service takes the token only in the query string. So no foreign exception leaves this file, not even as the context of ours.
The service's words are quoted only after the token was removed from them.
"""

import json
import logging
import os
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import cookiejar
from urllib.parse import quote

import requests
from pydantic import SecretStr

import clock
import errors
from clients import body, deadline
from clients.serp import answers
from clients.serp.answers import Answer

CONNECT_TIMEOUT_S = 10.0
MARGIN_S = 5.0  # our deadline is this much later than the service's `timeout`, so that its error arrives first
SHORTEST_TRY_S = 5.0  # shortest `timeout` that the service takes
LONGEST_TRY_S = 120.0  # longest `timeout` that the service takes
FREE_RETRIES = 2
RETRY_WAIT_S = 0.5  # before the first retry; doubles, plus full jitter
NO_URL = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)
FREE_STATUSES = frozenset({429, 502, 510})
SHORT_TOKEN_CHARS = 8
BODY_LIMIT_BYTES = 8 * 1024 * 1024  # a recorded result page has up to 3 MB


@dataclass(slots=True)
class Meter:
    """What calls did cost by the service's own header: credits, one item a call that was charged."""

    before: Callable[[], None]
    costs: list[float] = field(default_factory=list)
    is_waiting: bool = False  # a request was sent, and is not answered


#: The meter of this context; None = nobody counts.
_meter: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered(before: Callable[[], None] = lambda: None) -> Iterator[Meter]:
    """Count what the calls in this block cost, also those that fail. `before` is called before each request; it may refuse.

    A block inside another counts for itself.
    """
    counted = Meter(before)
    token = _meter.set(counted)
    try:
        yield counted
    finally:
        _meter.reset(token)


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """The state of the account, from `/info`. Credits are the provider's own unit."""

    active: bool
    concurrency: int  # requests the plan allows at once
    free_concurrency: int
    monthly_credits: float
    remaining_credits: float
    page_credits: float = 1.0  # price of one page by the price list


class Api:
    """Calls to one base URL with one token. Safe for any number of threads, and across a fork."""

    def __init__(
        self, base_url: str, token: SecretStr, *, timeout_s: float, remedy: str, direct: bool = False, any_page: bool = False
    ) -> None:
        """`remedy` ends the message if nothing answers. `direct` bypasses the proxies of the environment (for loopback).

        `any_page`: what a target answered is never read as an error of the service, as a JSON page with `error` would be.
        """
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._timeout_s = max(SHORTEST_TRY_S, min(timeout_s, LONGEST_TRY_S))
        self._remedy = remedy
        self._direct, self._any_page = direct, any_page
        self._local = threading.local()

    def __repr__(self) -> str:
        return f"<Api {self.base_url}>"

    def get(
        self, path: str, params: Mapping[str, str], *, timed: bool = True, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One GET with at most two free retries, all inside one deadline. `timed` sends the parameter `timeout` to the service.

        Raises BadToken, OutOfCredits, ProviderBusy, NetworkError or DataError. A refusal by the target itself is an Answer.
        """
        ends_at = clock.monotonic() + self._timeout_s
        for attempt in range(FREE_RETRIES + 1):
            left_s = max(SHORTEST_TRY_S, ends_at - clock.monotonic())
            sent = {**params, "timeout": str(int(left_s * 1000))} if timed else params
            _asks()
            outcome = self._send(path, sent, left_s + MARGIN_S, headers or {})
            _count(outcome)
            refusal = self._refusal(outcome, params) if isinstance(outcome, Answer) else outcome
            if refusal is None and isinstance(outcome, Answer):
                return outcome
            wait_s = RETRY_WAIT_S * 2**attempt * (1 + random.random())
            in_time = clock.monotonic() + wait_s + SHORTEST_TRY_S <= ends_at
            if attempt == FREE_RETRIES or not in_time or not _is_free(outcome, refusal):
                break
            clock.wait(wait_s)
        assert refusal is not None
        raise refusal

    def health(self) -> ProviderHealth:
        """Ask `/info`; free, at most 10 calls a minute."""
        answer = self.get("/info", {}, timed=False)
        try:
            told = json.loads(answer.body)
            return ProviderHealth(
                active=bool(told["IsActive"]),
                concurrency=int(told["ConcurrentRequest"]),
                free_concurrency=int(told["RemainingConcurrentRequest"]),
                monthly_credits=float(told["MaxMonthlyRequest"]),
                remaining_credits=float(told["RemainingMonthlyRequest"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise errors.DataError(f"{self.base_url}/info answered something else than the account's state") from None

    def close(self) -> None:
        """Close this thread's connections."""
        session = getattr(self._local, "session", None)
        if session is not None:
            session.close()
            self._local.session = None

    def _session(self) -> requests.Session:
        """The session of this thread and process. Connections shared across a fork would mix up replies."""
        if getattr(self._local, "pid", None) != os.getpid():
            session = requests.Session()
            session.trust_env = not self._direct
            session.cookies.set_policy(cookiejar.DefaultCookiePolicy(allowed_domains=[]))
            for scheme in ("http://", "https://"):
                session.mount(scheme, deadline.Adapter(max_retries=0))
            logging.getLogger("urllib3.connectionpool").addFilter(_shows_no_token)
            self._local.session, self._local.pid = session, os.getpid()
        session = self._local.session
        assert isinstance(session, requests.Session)
        return session

    def _send(
        self, path: str, params: Mapping[str, str], deadline_s: float, headers: Mapping[str, str]
    ) -> Answer | errors.TrawlError:
        """The reply, or the error to raise. Raised here, the error would have the foreign one as its context."""
        started_at = clock.monotonic()
        query = {"token": self._token.get_secret_value(), **params}
        try:
            with self._session().get(
                self.base_url + path,
                params=query,
                timeout=(min(CONNECT_TIMEOUT_S, deadline_s), deadline_s),
                allow_redirects=False,  # a redirect would carry the token to another host
                headers={**headers, "Accept-Encoding": body.ACCEPTED},
                stream=True,
            ) as response:
                whole = body.read(response, BODY_LIMIT_BYTES)
                elapsed_ms = int((clock.monotonic() - started_at) * 1000)
                target_status = _integer(response.headers.get("Scrape.do-Initial-Status-Code"))
                return Answer(response.status_code, target_status, response.headers, whole, elapsed_ms)
        except body.TooLarge:
            return errors.DataError(f"{self.base_url} sent more than {BODY_LIMIT_BYTES >> 20} MiB for one page")
        except body.Late:
            return errors.NetworkError(f"{self.base_url} did not finish its answer within {deadline_s:.0f} s. {self._remedy}")
        except body.Broken as exc:
            return errors.NetworkError(f"{self.base_url} sent an answer that is not whole: {exc}. {self._remedy}")
        except requests.exceptions.ConnectTimeout:
            return errors.NetworkError(f"{self.base_url} cannot be reached within {CONNECT_TIMEOUT_S:.0f} s. {self._remedy}")
        except requests.exceptions.Timeout:
            return errors.NetworkError(f"{self.base_url} did not answer within {deadline_s:.0f} s (REQUEST_TIMEOUT)")
        except requests.exceptions.ConnectionError as exc:
            why = f"refused or broke the connection ({type(exc).__name__})"
            if "timed out" in str(exc):  # requests reports a timeout inside a body like this
                why = f"did not finish its answer within {deadline_s:.0f} s"
            return errors.NetworkError(f"{self.base_url} {why}. {self._remedy}")
        except NO_URL:
            return errors.ConfigError(f"{self.base_url} is no URL to call: see SCRAPEDO_URL and SANDBOX_URL in .env.example")
        except requests.exceptions.RequestException as exc:
            return errors.NetworkError(f"{self.base_url} sent a broken answer ({type(exc).__name__})")

    def _refusal(self, answer: Answer, asked: Mapping[str, str]) -> errors.TrawlError | None:
        """The error in an answer; None if the answer is the page, or the target's own answer."""
        if self._any_page and answer.target_status is not None:
            return None
        fault = answers.fault(answer)
        return answers.error(answer, fault, self.base_url, self._without_token(fault.words), asked) if fault else None

    def _without_token(self, text: str) -> str:
        token = self._token.get_secret_value()
        for spelling in {token, quote(token, safe=""), quote(token)} - {""}:
            whole = r"(?<!\w){}(?!\w)" if len(spelling) < SHORT_TOKEN_CHARS else "{}"  # a short token may be part of a word
            text = re.sub(whole.format(re.escape(spelling)), "***", text)
        return text


def _asks() -> None:
    """Tell the meter of this context that a request is about to be sent."""
    if counted := _meter.get():
        counted.before()
        counted.is_waiting = True


def _count(outcome: object) -> None:
    """Add what an answer did cost to what is counted in this context."""
    if counted := _meter.get():
        counted.is_waiting = False
        cost = outcome.number("Scrape.do-Request-Cost") if isinstance(outcome, Answer) else None
        counted.costs += [cost] if cost else []


def _is_free(outcome: object, refusal: errors.TrawlError | None) -> bool:
    free = isinstance(outcome, Answer) and outcome.status in FREE_STATUSES
    return free and not isinstance(refusal, errors.BadToken)


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _shows_no_token(record: logging.LogRecord) -> bool:
    """Keep urllib3's debug lines out of every log: they quote the whole query."""
    return "token=" not in record.getMessage()
