"""Whether replicas have what the primary has: judged by the primary's own answers, with the rest of server.py."""

from typing import Any, Literal

import config

#: Seconds after which a replica that said nothing counts as behind.
MAX_LAG_S = 5

MIN_REPLICAS = "min-replicas-to-write"

Grade = Literal["ok", "warning"]


def judge(info: dict[str, Any], settings: dict[str, str], primary: str, cli: str) -> tuple[Grade, str, str] | None:
    """Grade, words and fix; None for a server without replicas from which nobody expects any.

    `info`: the server's INFO. `settings`: what it told of its CONFIG. `primary`: host:port the sentinels named; '' without them.
    `cli`: redis-cli with the options that lead to it.
    """
    if info.get("role") != "master":
        return None
    replicas = [one for name, one in info.items() if _is_replica(name, one)]
    following = [one for one in replicas if one.get("state") == "online"]
    wanted = config.settings().submit_wait_replicas
    if wanted > len(following):
        says = f"SUBMIT_WAIT_REPLICAS is {wanted} and {_many(len(following))}: each submit waits in vain."
        return "warning", says, "start replicas, or set SUBMIT_WAIT_REPLICAS=0"
    if primary and not following:
        return "warning", f"No replica follows {primary}: if it fails, nothing can take over.", "start its replicas"
    slow = [one for one in following if int(one.get("lag", 0)) > MAX_LAG_S]
    if slow:
        named = ", ".join(f"{_address(one)} ({one['lag']} s)" for one in slow)
        return "warning", f"Behind the primary: {named}. A fail-over now loses so much.", "see load and network of these replicas"
    if primary and settings.get(MIN_REPLICAS) == "0":
        return "warning", _UNGUARDED, _fix(cli, following)
    return ("ok", _healthy(following, settings, wanted), "") if following else None


def refusal(info: dict[str, Any], settings: dict[str, str]) -> str | None:
    """Why a primary takes no writes now: fewer replicas keep up than its settings ask for. None: it takes them."""
    asked = settings.get(MIN_REPLICAS, "0")
    good = info.get("min_slaves_good_slaves")
    if info.get("role") != "master" or not asked.isdigit() or good is None or int(good) >= int(asked):
        return None
    return f"{MIN_REPLICAS} is {asked} and {_many(int(good))}: Redis refuses all writes."


_UNGUARDED = f"{MIN_REPLICAS} is 0: a primary that was cut off from its replicas goes on taking jobs, and they are lost."


def _fix(cli: str, replicas: list[dict[str, Any]]) -> str:
    others = ", ".join(_address(one) for one in replicas)
    return f"{cli} CONFIG SET {MIN_REPLICAS} 1, then CONFIG REWRITE; the same on {others}"


def _healthy(replicas: list[dict[str, Any]], settings: dict[str, str], wanted: int) -> str:
    lag = max(int(one.get("lag", 0)) for one in replicas)
    asks = f", {MIN_REPLICAS} {settings[MIN_REPLICAS]}" if MIN_REPLICAS in settings else ""
    waits = f", a submit waits for {wanted}" if wanted else ", no submit waits for them (SUBMIT_WAIT_REPLICAS=0)"
    return f"{_many(len(replicas))}, at most {lag} s behind{asks}{waits}"


def _is_replica(name: str, value: Any) -> bool:
    return name.startswith("slave") and name[5:].isdigit() and isinstance(value, dict)


def _address(replica: dict[str, Any]) -> str:
    return f"{replica.get('ip', '?')}:{replica.get('port', '?')}"


def _many(count: int) -> str:
    return f"{count} replica follows" if count == 1 else f"{count} replicas follow"
