"""One request to a model's server and its whole reply: deadline, size limit, no redirect, no word of the key."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from pydantic import SecretStr
from requests.utils import get_environ_proxies

import clock
import config
import errors
from clients import body, deadline
from clients.llm import prices, streams

CONNECT_TIMEOUT_S = 10.0
BODY_LIMIT_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Got:
    """A reply. `told`: its JSON, None where it is none. Headers have names in lower case."""

    status: int
    told: Any
    headers: dict[str, str]
    elapsed_s: float


def send(
    method: str, url: str, headers: Mapping[str, str], sent: Mapping[str, Any] | None, timeout_s: float
) -> Got | errors.TrawlError:
    """The reply, or the error to raise: raised here, it would have a foreign one as its context, which quotes headers.

    An error's `cost_micro_usd` is 1 where the server may have worked, and 0 where it surely did not.
    """
    began = clock.monotonic()
    try:
        with (
            _session(url) as session,
            session.request(
                method,
                url,
                json=sent,
                headers={**headers, "Accept": "application/json", "Accept-Encoding": body.ACCEPTED},
                timeout=(min(CONNECT_TIMEOUT_S, timeout_s), timeout_s),
                allow_redirects=False,  # a redirect would carry the key to another host
                stream=True,
            ) as response,
        ):
            whole = body.read(response, BODY_LIMIT_BYTES)
            named = {name.lower(): value for name, value in response.headers.items()}
            told = streams.whole(whole) if streams.is_one(whole) else _json(whole)
            return Got(response.status_code, told, named, clock.monotonic() - began)
    except body.TooLarge:
        return maybe_paid(errors.DataError(f"{url} sent more than {BODY_LIMIT_BYTES >> 20} MiB"))
    except body.Broken as exc:
        return maybe_paid(errors.NetworkError(f"{url} sent an answer that is not whole: {exc}"))
    except requests.exceptions.ConnectTimeout:
        return errors.NetworkError(f"{url} cannot be reached in time: see LLM_BASE_URL")
    except (body.Late, requests.exceptions.Timeout):
        return maybe_paid(errors.NetworkError(f"{url} did not answer within {timeout_s:.0f} s (LLM_TIMEOUT)"))
    except requests.exceptions.ConnectionError as exc:
        return _disconnected(url, exc, timeout_s)
    except (requests.exceptions.RequestException, UnicodeError) as exc:
        return errors.ConfigError(f"{url} cannot be asked ({type(exc).__name__}): see LLM_BASE_URL and LLM_API_KEY")


def _disconnected(url: str, exc: Exception, timeout_s: float) -> errors.TrawlError:
    text = str(exc)
    if "timed out" in text or "deadline" in text:
        return maybe_paid(errors.NetworkError(f"{url} did not answer within {timeout_s:.0f} s (LLM_TIMEOUT)"))
    never = any(word in text for word in ("NewConnectionError", "NameResolutionError", "ProxyError", "SSLError"))
    if never:
        return errors.NetworkError(f"{url} cannot be reached: see LLM_BASE_URL and the network of this machine")
    return maybe_paid(errors.NetworkError(f"{url} broke the connection ({type(exc).__name__})"))


def without(secret: SecretStr | None, text: str) -> str:
    """A text without the key, in any of its spellings."""
    key = secret.get_secret_value().strip() if secret else ""
    for spelling in {key, quote(key, safe=""), quote(key)} - {""}:
        text = text.replace(spelling, "***") if len(spelling) > 4 else re.sub(rf"(?<!\w){re.escape(spelling)}(?!\w)", "***", text)
    return text


def _session(url: str) -> requests.Session:
    """A session of one call: calls take seconds, and nothing is shared across threads or a fork."""
    session = requests.Session()
    session.trust_env = False  # a .netrc would replace the key
    session.proxies = {} if prices.is_private(url) else get_environ_proxies(url)
    session.verify = str(config.settings().fetch_ca_bundle or "") or True
    for scheme in ("http://", "https://"):
        session.mount(scheme, deadline.Adapter(max_retries=0))
    return session


def maybe_paid(error: errors.TrawlError) -> errors.TrawlError:
    """Mark an error as one after which the server may have worked; `calls.call` puts the amount in."""
    error.cost_micro_usd = 1
    return error


def _json(whole: bytes) -> Any:
    try:
        return json.loads(whole)
    except (ValueError, RecursionError):
        return None
