"""What an answer of Scrape.do means: the page that was asked for, or an error. Status and body decide.

Services may refuse inside a 200: `{"StatusCode": 401, "Message": […]}`, `{"error": "…"}`, `{"success": false}`, or the error page
of a gateway (firecrawl#2413, serpapi/public-roadmap#4273; read 2026-11). A body with organic results is a result, whatever its
words. Words of the user that an error repeats are not read as words of the service.
"""

import html
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import errors

ERROR_LIMIT_BYTES = 64 * 1024  # a larger body is no error
ERROR_TEXT_LIMIT = 200  # characters of the service's words that our message quotes
TEXT_LIMIT_BYTES = 1000  # a larger plain text is no error

THROTTLED = "temporarily throttled by the authentication server"  # after many calls with a bad token (2026-11)
REFUSED = frozenset({401, 402, 403})
CREDIT_WORDS = ("credit", "suspend", "subscription", "quota", "monthly", "limit", "payment", "expired")
TOKEN_WORDS = ("token", "unauthor", "api key", "invalid", "not found")
# The same if no status says that we are refused: only words with one meaning.
SURE_CREDIT_WORDS = ("credit", "subscription", "suspended", "payment required", "quota", "out of searches", "insufficient")
SURE_TOKEN_WORDS = ("token", "unauthor", "api key", "api_key", "apikey")
BUSY_WORDS = ("too many", "rate limit", "concurren")

CODE_KEYS = ("StatusCode", "statusCode", "status_code", "ErrorCode", "errorCode", "error_code", "code", "status")
WORD_KEYS = (
    "Message", "message", "error", "errors", "error_message", "errorMessage", "ErrorMessage", "status_message", "msg", "detail",
    "Error", "info", "reason", "title", "statusText",
)  # fmt: skip
FAILED_STATES = ("error", "fail", "failed", "failure")

# The error page of a gateway has a status as its title or first line ("502 Bad Gateway", "api.scrape.do | 502: Bad gateway").
HEAD_LINE = re.compile(r"<(?:title|h1)\b[^>]*>(.*?)</(?:title|h1)>", re.IGNORECASE | re.DOTALL)
STATUS_LINE = re.compile(r"(?:[^|]{0,80}\|\s*)?(?:http(?:/[\d.]+)?\s+)?(?:error(?:\s+code)?\s*:?\s*)?([45]\d\d)\b", re.IGNORECASE)
PHRASES = {status.phrase.lower(): int(status) for status in HTTPStatus if status >= 400}
# What a search by a service of SerpApi's form carries, whatever it found, and its sentence for nothing.
SEARCHED = ("organic_results", "search_information")
FOUND_NOTHING = re.compile(r"google has(?:n['\u2019]t| not) returned any results for this query\.?", re.IGNORECASE)
# Words that stand alone in an object are an error: so do gateways and frameworks answer (`{"message": "Forbidden"}`).
ALONE_KEYS = frozenset(
    {*CODE_KEYS, *WORD_KEYS, "detail", "reason", "title", "type", "instance", "path", "timestamp", "requestId"}
)
ALONE_KEYS |= {
    "errorMessage",
    "errorType",
    "ErrorCode",
    "ErrorMessage",
    "PossibleCauses",
    "ErrorType",
    "statusText",
    "success",
    "ok",
}
OF_GOOGLE = re.compile(r"""id=["']?(?:rso|search|main|center_col|topstuff|botstuff|tsf)\b|name=["']?q\b""")


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply as it came. `target_status` is the status of the target itself; None if unknown."""

    status: int
    target_status: int | None
    headers: Mapping[str, str]
    body: bytes
    elapsed_ms: int

    def number(self, header: str) -> float | None:
        """The header's value as a number; None if it is absent or no number."""
        try:
            value = float(self.headers.get(header, ""))
        except ValueError:
            return None
        return value if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Fault:
    """The error in an answer: its status (None = unknown) and the service's words."""

    status: int | None
    words: str


def fault(answer: Answer) -> Fault | None:
    """The service's error in an answer; None if the answer is the page, or the target's own answer."""
    inside = _in_json(answer.body)
    if inside is None and answer.target_status is None and answer.status < 300:
        inside = _in_page(answer.body)
    if inside is None and (answer.target_status is not None or answer.status < 300):
        return None
    words = inside.words if inside else _short_text(answer.body)
    if answer.status >= 300:
        return Fault(answer.status, words)
    return inside


def error(answer: Answer, found: Fault, base_url: str, said: str, asked: Mapping[str, str]) -> errors.TrawlError:
    """The error to raise for a fault. `said`: its words without secrets. `asked`: the parameters of the call."""
    told = _own_words(found.words, asked)
    status = found.status
    where = f"{status} inside a 200" if answer.status < 300 and status else status or "inside a 200"
    said = f": {said[:ERROR_TEXT_LIMIT]}" if said else ""
    if THROTTLED in told:
        return errors.BadToken(f"{base_url} throttles us for calls with a bad token: correct SCRAPEDO_TOKEN first")
    if status in REFUSED or _means_refused(status, told):
        return _refused(answer, status, told, f"{base_url} refuses ({where}){said}")
    if status == 429 or (status is None and any(word in told for word in BUSY_WORDS)):
        return errors.ProviderBusy(f"{base_url} is busy ({where}); lower SERP_CONCURRENCY if this lasts{said}")
    if status is not None and 400 <= status < 500 and (status in (400, 404, 410) or answer.status < 300):
        return errors.DataError(f"{base_url} does not take the request ({where}){said}")
    return errors.NetworkError(f"{base_url} failed ({where}){said}")


def _own_words(words: str, asked: Mapping[str, str]) -> str:
    """The service's own words in lower case, without addresses and without the parameters of the call."""
    told = re.sub(r"https?://\S+", " ", words.lower())
    for value in asked.values():
        for text in (value, *parse_qs(urlsplit(value).query).get("q", [])):
            told = told.replace(text.lower(), " ") if len(text) > 2 else told
    return " ".join(told.split())


def _means_refused(status: int | None, told: str) -> bool:
    """Whether words alone say that we are refused. A status with another meaning wins."""
    if status == 400:  # Serper sends `{"message": "Not enough credits", "statusCode": 400}`
        return re.search(r"\bcredits\b|payment required|insufficient balance", told) is not None
    about_us = any(word in told for word in (*SURE_CREDIT_WORDS, *SURE_TOKEN_WORDS))
    return status in (None, 429) and about_us and not any(word in told for word in BUSY_WORDS)


def _refused(answer: Answer, status: int | None, told: str, message: str) -> errors.TrawlError:
    """BadToken or OutOfCredits: 402 means no credits, 403 means a bad token.

    401 may mean no credits, a suspended account or a bad token, so the words of the reply decide. The documentation (2026-11)
    says that 401 means no credits, so a 401 without words is read that way.
    """
    about_credits = any(word in told for word in CREDIT_WORDS) or answer.number("Scrape.do-Remaining-Credits") == 0
    about_token = status == 403 or (status != 402 and any(word in told for word in TOKEN_WORDS))
    if about_token and not about_credits:
        return errors.BadToken(f"{message}. Correct SCRAPEDO_TOKEN (dashboard.scrape.do)")
    return errors.OutOfCredits(f"{message}. See credits and state of the account at dashboard.scrape.do")


def _in_json(body: bytes) -> Fault | None:
    """The error in a JSON object."""
    value = _object(body)
    if value is None or value.get("organic_results"):
        return None
    parts = [value, *(part for part in map(value.get, ("error", "request_info", "search_metadata")) if isinstance(part, dict))]
    status = next((code for part in parts for code in _codes(part)), None)
    failed = any(part.get(key) in (False, "false") for part in parts for key in ("success", "ok"))
    failed = failed or any(_state(part) in FAILED_STATES for part in parts)
    said_so = failed or any(value.get(key) for key in ("Message", "error", "errors", "Error"))
    words = next((text for part in parts for key in WORD_KEYS if (text := _text(part.get(key)))), "")
    if status is None and not said_so and not (words and ALONE_KEYS.issuperset(value)):
        return None
    if FOUND_NOTHING.fullmatch(words) and status is None:
        return None
    if any(key in value for key in SEARCHED) and status is None and not _means_refused(None, words.lower()):
        return None  # a result without hits that gives a reason: read as a page
    return Fault(status, words)


def _in_page(body: bytes) -> Fault | None:
    """The error in a page or a line of text."""
    if len(body) > ERROR_LIMIT_BYTES:
        return None
    text = body.decode("utf-8", "replace").strip()
    if "<" not in text:  # no page, whatever it says: `upstream request timeout`
        is_words = 0 < len(text) < TEXT_LIMIT_BYTES and not text.startswith(("{", "["))
        is_error = _status_of(text) or _means_refused(None, text.lower()) or (text[:1].isalnum() and " " in text)
        return Fault(_status_of(text), _line(text)) if is_words and is_error else None
    if OF_GOOGLE.search(text):
        return None
    shown = _line(_bare(text))
    if shown.startswith("{") and (inside := _in_json(shown.encode())):  # as a browser shows JSON
        return inside
    for head in HEAD_LINE.findall(text):
        line = _line(_bare(head))
        status = None if "google" in line.lower() else _status_of(line)
        if status:
            return Fault(status, _line(_bare(text)))
    return None


def _status_of(line: str) -> int | None:
    match = STATUS_LINE.match(line)
    return int(match[1]) if match else PHRASES.get(line.strip(" .!").lower())


def _object(body: bytes) -> dict[str, Any] | None:
    body = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body.startswith((b"{", b"[")) or len(body) > ERROR_LIMIT_BYTES:
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and len(value) == 1:  # so do some frameworks send an error
        value = value[0]
    return value if isinstance(value, dict) else None


def _codes(part: Mapping[str, Any]) -> Iterator[int]:
    for value in map(part.get, CODE_KEYS):
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if re.fullmatch(r"[45]\d\d(\d\d)?", text):  # DataForSEO writes 40200 for 402
            yield int(text[:3])


def _state(part: Mapping[str, Any]) -> str:
    return str(part.get("status", "")).lower()


def _text(value: Any) -> str:
    """The words of a message of any shape, on one line."""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, list):
        return "; ".join(filter(None, map(_text, value)))
    if isinstance(value, dict):
        return next((text for key in WORD_KEYS if (text := _text(value.get(key)))), "")
    return ""


def _short_text(body: bytes) -> str:
    return _line(body.decode("utf-8", "replace")) if len(body) < TEXT_LIMIT_BYTES else ""


def _bare(text: str) -> str:
    return html.unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL))


def _line(text: str) -> str:
    return " ".join(text.split())
