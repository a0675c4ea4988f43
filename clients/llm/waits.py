"""How long a server asks to wait: in headers, of which each provider has its own, in the error, or in its words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import clock
from clients.fetch import messages

PARTS = {"d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
LASTING = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[dhms]))+")
UNIT = r"ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?"
SAID = re.compile(
    rf"(?:try again|retry|wait)(?: after| in| for)? (?:about |approximately )?(\d+(?:\.\d+)?) ?({UNIT})?\b"
    r"|(?:try again|retry)(?: after| in) ((?:\d+(?:\.\d+)?(?:ms|[dhms]))+)",
    re.IGNORECASE,
)

#: Headers of what is left, and of when it is filled again (OpenAI, Anthropic, OpenRouter; 2026-11).
LEFT = re.compile(r"(?:x|anthropic)-ratelimit-(?:remaining-(\w+)|(\w+(?:-\w+)?)-remaining|remaining)")


def of_headers(headers: Mapping[str, str]) -> float | None:
    """Seconds; None where no header says it. The headers have names in lower case."""
    exact = headers.get("retry-after-ms", "").strip()
    if exact.isdecimal() and len(exact) < 10:
        return int(exact) / 1000
    told = messages.retry_after_s(headers)
    if told is not None:
        return told
    if (lasting := _lasting(headers.get("retry-after", ""))) is not None:
        return lasting
    found = [_until(headers.get(name, "")) for name in _resets(headers)]
    return max((one for one in found if one is not None), default=None)


def of_error(error: Mapping[str, Any], words: str) -> float | None:
    """Seconds, by the error of a reply or its words; None where neither says it.

    >>> of_error({}, "Rate limit reached. Please try again in 6m0.5s. Visit us."), of_error({}, "Please retry after 3 seconds.")
    (360.5, 3.0)
    """
    details = error.get("details")
    for one in details if isinstance(details, list) else ():
        if isinstance(one, Mapping) and (asked := _lasting(str(one.get("retryDelay", "")))) is not None:
            return asked
    if (match := SAID.search(words)) is None:
        return None
    if match[3] or (match[2] is None and words[match.end(1) : match.end(1) + 1].isalpha()):
        return _lasting(match[3] or "")
    unit = (match[2] or "s").lower()
    return float(match[1]) * PARTS["ms" if unit.startswith(("ms", "mil")) else unit[0]]


def _resets(headers: Mapping[str, str]) -> list[str]:
    """The headers that say when what is used up is filled again."""
    used_up = [match for name, left in headers.items() if left.strip() == "0" and (match := LEFT.fullmatch(name))]
    return [match[0].replace("remaining", "reset") for match in used_up]


def _until(text: str) -> float | None:
    """Seconds until a moment, or for so long: `6m0s`, `2026-11-30T00:00:00Z`, seconds, or ms since 1970."""
    text = text.strip()
    if (lasting := _lasting(text)) is not None:
        return lasting
    now = clock.now()
    try:
        moment = datetime.fromisoformat(text)
        return max(0.0, (moment.astimezone(UTC) - now).total_seconds())
    except ValueError:
        pass
    if not re.fullmatch(r"\d{1,13}(?:\.\d{1,6})?", text):
        return None
    number = float(text)
    since_1970_s = number / 1000 if number > 10**11 else number
    return max(0.0, since_1970_s - now.timestamp()) if number > 10**8 else number


def _lasting(text: str) -> float | None:
    text = text.strip()
    if not LASTING.fullmatch(text):
        return None
    return sum(float(number) * PARTS[unit] for number, unit in PART.findall(text))
