"""Why Redis cannot be used, and what helps: redis-py's errors told apart by their words.

Some answers of a server mean "not here" or "not now". They become errors of the connection, so that whoever asked connects anew
and asks again: `connection_error`. What remains after that is told to people in one line with its remedy: `explain`.
"""

import re
import socket
from dataclasses import dataclass

import redis

from errors import StoreUnreachable, SystemFault, UnsafeStore
from state.store import server


class WrongServer(redis.ConnectionError):
    """This server is not, or no longer, the one that takes our writes."""


class NotNow(redis.ConnectionError):
    """The server will take commands again by itself: it loads its data, or waits for its replicas."""


class NoFreeClient(redis.ConnectionError):
    """The server has as many clients as it takes, or this process as many connections as it may have."""


#: First words of a server's answer. Connecting anew may lead to the right one.
WRONG = ("READONLY", "MASTERDOWN", "UNBLOCKED", "CLUSTERDOWN", "MOVED", "ASK")
NOT_NOW = ("LOADING", "NOREPLICAS", "TRYAGAIN")

#: Of a connection that this process has ended itself.
LEFT = "this process has left its connections"

FULL = "max number of clients"

#: Servers before 7.0 put the first word of an error inside a script behind their own.
_INSIDE = re.compile(r"Error running script .{0,200}?: -?([A-Z]{3,20}) ", re.DOTALL)


def word_of(exc: Exception) -> str:
    """The first word of a server's error, e.g. READONLY; '' where it has none."""
    word = getattr(exc, "status_code", None) or str(exc)[:20].partition(" ")[0]
    inside = _INSIDE.search(str(exc)[:400])
    return inside[1] if inside else word if isinstance(word, str) and word.isupper() else ""


def connection_error(exc: Exception) -> redis.ConnectionError | None:
    """The error of the connection that an answer stands for; None where it is an ordinary answer."""
    if FULL in str(exc):
        return exc if isinstance(exc, NoFreeClient) else NoFreeClient(str(exc))
    word = word_of(exc)
    if word in WRONG:
        return exc if isinstance(exc, WrongServer) else WrongServer(_with(word, exc))
    if word in NOT_NOW:
        return exc if isinstance(exc, NotNow) else NotNow(_with(word, exc))
    return None


def _with(word: str, exc: Exception) -> str:
    return str(exc) if word in str(exc) else f"{word} {exc}"


@dataclass(frozen=True, slots=True)
class Reason:
    """`words`: a pattern that the error's text holds. `says` and `remedy` are what a person needs."""

    words: str
    says: str
    remedy: str
    kind: type[SystemFault] = StoreUnreachable


START = "start one with `python manage.py redis` (embedded) or set REDIS_URL"
RIGHTS = "give our user its rights (README names the rule)"

#: Certificates and keys that are refused or cannot be used.
CERTIFICATES = (
    Reason(
        "self.signed certificate",
        "The certificate of Redis at {where} is self-signed, or signed by an authority that is not known here",
        "name its authority's file with ?ssl_ca_certs=, or where the network is trusted (Heroku) add ?ssl_cert_reqs=none",
    ),
    Reason(
        "unable to get (local )?issuer certificate",
        "The certificate of Redis at {where} is signed by an authority that is not known here",
        "name its authority's file with ?ssl_ca_certs=, or where the network is trusted add ?ssl_cert_reqs=none",
    ),
    Reason("certificate has expired", "The certificate of Redis at {where} has expired", "renew it on the server"),
    Reason("certificate is not yet valid", "The certificate of Redis at {where} is not valid yet", "set the clocks right"),
    Reason(
        "Hostname mismatch|IP address mismatch|doesn't match|not valid for",
        "The certificate of Redis at {where} is for another host",
        "use the name that the certificate has, or add ?ssl_check_hostname=false",
    ),
    Reason(
        "CERTIFICATE_VERIFY_FAILED",
        "The certificate of Redis at {where} is refused: {text}",
        "see ?ssl_ca_certs= and ?ssl_cert_reqs=",
    ),
    Reason(
        "CERTIFICATE_REQUIRED|certificate required|BAD_CERTIFICATE|UNKNOWN_CA|unknown ca",
        "Redis at {where} asks for a certificate of ours that it knows: {text}",
        "name it with ?ssl_certfile= and ?ssl_keyfile=",
    ),
    Reason(
        "NO_CERTIFICATE_OR_CRL_FOUND|PEM lib|NO_START_LINE|KEY_VALUES_MISMATCH|BAD_DECRYPT|Cannot load",
        "A certificate or key file that REDIS_URL names cannot be used: {text}",
        "each must hold PEM, certificate and key must belong together, and ?ssl_password= must open the key",
    ),
)

#: The first one that fits counts. {where} is the address, {text} the error's own words.
REASONS = (
    Reason(LEFT, "Redis at {where} is asked anew: the one before was silent, or no primary", "wait: it goes on by itself"),
    # the server answers, and says why not
    Reason(
        FULL,
        "Redis at {where} takes no further client: max number of clients reached",
        "raise maxclients there (or take a larger plan), or let each process use fewer: REDIS_URL with ?max_connections=",
    ),
    Reason(
        "all connections are in use",
        "Redis at {where}: {text}",
        "raise ?max_connections= of REDIS_URL, or WORKER_THREADS lower",
    ),
    Reason(
        r"READONLY|MASTERDOWN|UNBLOCKED",
        "Redis at {where} is a replica, or has no primary: {text}",
        "set REDIS_URL to the primary; where a fail-over is under way, it goes on by itself",
    ),
    Reason(
        r"MOVED |CLUSTERDOWN|\bASK |CROSSSLOT|hash to the same slot|non local key in a cluster",
        "Redis at {where} runs in cluster mode: {text}",
        "set REDIS_URL to a server without cluster mode (cluster-enabled no)",
        UnsafeStore,
    ),
    Reason(
        r"LOADING|loading the dataset", "Redis at {where} is loading its data into memory ({text})", "wait: it goes on by itself"
    ),
    Reason(
        "NOREPLICAS",
        "Redis at {where} takes no writes: fewer replicas are connected than its min-replicas-to-write asks for",
        "bring its replicas back (it goes on by itself), or lower min-replicas-to-write",
    ),
    Reason(
        "^BUSY |busy running a script",
        "Redis at {where} is busy with a script or function that does not end: {text}",
        "end it there with SCRIPT KILL or FUNCTION KILL",
    ),
    Reason(
        "without any password configured|no password is set",
        "Redis at {where} has no password, but REDIS_URL or REDIS_PASSWORD gives one",
        "leave the password out, or set one on the server (requirepass)",
    ),
    Reason(
        "NOAUTH|Authentication required|HELLO must be called with the client already authenticated",
        "Redis at {where} asks for a password, and none is given",
        "put it into REDIS_URL before the host, as .env.example shows; REDIS_PASSWORD is only read beside REDIS_HOST",
    ),
    Reason(
        "WRONGPASS|invalid username-password|invalid password|Invalid Username",
        "Redis refuses the password or user in REDIS_URL: {text}",
        "correct them; a password without a user has a colon before it, and / @ # ? % in it are written %2F %40 %23 %3F %25",
    ),
    Reason(
        "DENIED Redis is running in protected mode", "Redis at {where} is in protected mode", "set a password there (requirepass)"
    ),
    Reason(
        "DB index is out of range|invalid DB index|SELECT is not allowed",
        "Redis at {where} has no database of that number ({text})",
        "take a lower one, e.g. /0 at the end of REDIS_URL",
    ),
    Reason(
        r"MISCONF|^OOM|-OOM command|command not allowed when used memory",
        "Redis refuses writes: {text}",
        "Free disk or memory on its machine, then try again",
        UnsafeStore,
    ),
    # TLS
    *CERTIFICATES,
    Reason(
        r"while (writing|reading).*(EOF|SSL)",
        "Redis at {where} hung up after the TLS greeting ({text})",
        "it may want a certificate of ours (?ssl_certfile= and ?ssl_keyfile=); see its log",
    ),
    Reason(
        "WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|handshake operation timed out|UNEXPECTED_EOF|EOF occurred in violation|SSL:",
        "Redis at {where} does not speak TLS there ({text})",
        "use redis:// in place of rediss://, or the server's TLS port",
    ),
    # what answers is no Redis
    Reason(
        "Protocol [Ee]rror|InvalidResponse|unknown command .?HELLO|HTTP",
        "What answers at {where} is no Redis, or one that speaks TLS there ({text})",
        "set REDIS_URL to host and port of a Redis; one with TLS is rediss://",
    ),
    Reason(
        r"closed by server|[Rr]eset by peer|Broken pipe|while (reading|writing)",
        "The server at {where} hung up ({text})",
        "see its log; one that speaks TLS there is rediss://, and one with maxclients reached may hang up like this",
    ),
    Reason(
        r"max (daily |monthly )?(requests?|commands?|bandwidth|data size|database size)\b.{0,20} exceeded|quota exceeded",
        "The plan of Redis at {where} is used up: {text}",
        "take a larger plan; else it goes on by itself when the provider counts anew",
    ),
    Reason(
        "unknown (sub)?command|NOPROTO|unsupported protocol version|undeclared key",
        "What answers at {where} does not do all that Redis does ({text})",
        "set REDIS_URL to a Redis (6.2 or newer) or Valkey itself: proxies and look-alikes lack some commands",
        UnsafeStore,
    ),
    # nobody answers
    Reason(
        r"Error -\d+ connecting|Name or service not known|name resolution|nodename nor servname|No address associated|idna",
        "The host name of Redis is not known: {where} does not answer ({text})",
        "correct the host in REDIS_URL, or see to this machine's DNS",
    ),
    Reason(
        r"No such file or directory",
        "There is no socket {where}: Redis does not answer there ({text})",
        "correct the path in REDIS_URL; " + START,
    ),
    Reason(
        "Permission denied|Operation not permitted",
        "We may not open {where} ({text})",
        "give this user the right to (unixsocketperm 770 and its group)",
    ),
    Reason("Connection refused|ECONNREFUSED", "Redis at {where} does not answer: connection refused", START),
    Reason(
        "unreachable|No route to host",
        "Redis at {where} does not answer: no way leads to its host ({text})",
        "see to the network, the firewall and the host in REDIS_URL",
    ),
    Reason(
        "Timeout connecting|timed out",
        "Redis at {where} does not answer: nothing took the connection in time",
        "see to the firewall and the host and port in REDIS_URL; " + START,
    ),
    Reason(
        "no answer within|Timeout",
        "Redis at {where} does not answer ({text})",
        "see whether it is overloaded or stopped; it goes on by itself",
    ),
)


#: For errors that come without the server's first word.
_WORD_OF: dict[type[Exception], str] = {
    redis.OutOfMemoryError: "OOM",
    redis.ReadOnlyError: "READONLY",
    redis.BusyLoadingError: "LOADING",
}


def remedy_of_certificate(exc: Exception) -> str | None:
    """What helps where the error is about a certificate; None where it is not."""
    return next((reason.remedy for reason in CERTIFICATES if re.search(reason.words, str(exc))), None)


def may_pass(error: BaseException) -> bool:
    """Whether a server that is just being started fails so: it does not listen, is not known by name, or loads its data."""
    if isinstance(error, redis.TimeoutError | redis.BusyLoadingError | NotNow):
        return True
    cause = error.__cause__ or error.__context__
    return isinstance(cause, ConnectionRefusedError | ConnectionResetError | socket.gaierror | TimeoutError)


def explain(exc: Exception, where: str, cli: str) -> SystemFault | None:
    """Our error for one of redis-py's, one line with its remedy; None for an answer that is no failure of Redis.

    `where` is the server's address, `cli` redis-cli with the options that lead to it.
    """
    if isinstance(exc, redis.ResponseError) and (remedy := server.remedy_of(exc, cli)):
        return UnsafeStore(f"Redis denies our user a command: {exc}. Fix: {remedy}")
    text = " ".join(str(exc).split())[:300]
    code = getattr(exc, "status_code", None) or next((word for kind, word in _WORD_OF.items() if isinstance(exc, kind)), None)
    searched = f"{code} {text}" if code and not text.startswith(code) else text
    for reason in REASONS:
        if re.search(reason.words, searched):
            says, remedy = reason.says.format(where=where, text=text.rstrip(".")), reason.remedy
            return reason.kind(f"{says}. {remedy[0].upper()}{remedy[1:]}.")
    if isinstance(exc, redis.AuthenticationError):
        return StoreUnreachable(f"Redis refuses the password or user in REDIS_URL: {text}. Correct them.")
    if isinstance(exc, redis.ResponseError):
        return None
    return StoreUnreachable(f"Redis at {where} does not answer ({type(exc).__name__}: {text}). {START[0].upper()}{START[1:]}.")
