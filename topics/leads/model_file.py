"""The file of the points model (SCORE_MODEL): which it is, and its model as it is now."""

from functools import cache
from pathlib import Path
from typing import Any

import config
from errors import ConfigError
from topics.leads import condition_words, model_text
from topics.leads.model import Model

#: The model that is there where nobody names another.
SHIPPED = Path(__file__).parent / "score_model.toml"

MAX_BYTES = 256 * 1024


def path() -> Path:
    """The file that is used: SCORE_MODEL, else the one that is shipped."""
    named = config.settings().score_model
    return named if named else SHIPPED


def current() -> Model:
    """The model of the file as it is now; it is read again where the file changed. Raises ConfigError with line and remedy."""
    file = path()
    try:
        stat = file.stat()
    except OSError as exc:
        raise ConfigError(f"SCORE_MODEL: {file} cannot be read ({exc.strerror}): correct the path, or leave it out.") from None
    return _kept(file, stat.st_mtime_ns, stat.st_size)


@cache
def _kept(file: Path, mtime_ns: int, size: int) -> Model:
    return read(file)


def read(file: Path) -> Model:
    """The model of a file. Raises ConfigError with line and remedy."""
    try:
        body = file.read_bytes()[: MAX_BYTES + 1]
        text = body.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{file} cannot be read ({exc}): correct the path, or save it as UTF-8.") from None
    if len(body) > MAX_BYTES:
        raise ConfigError(f"{file}: a model has at most {MAX_BYTES // 1024} KB.")
    return model_text.parse(text, str(file))


def told(model: Model) -> dict[str, Any]:
    """A model as JSON: its rules with what each asks for, in words."""
    parts = {name: {"weight": part.weight, "full": part.full} for name, part in model.parts.items()}
    shown = ("name", "part", "points", "most", "each", "fades", "line")
    rules = [{**{name: getattr(rule, name) for name in shown}, "where": condition_words.wanted(rule)} for rule in model.rules]
    return {"name": model.name, "version": model.version, "parts": parts, "rules": rules}
