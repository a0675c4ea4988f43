"""Cases of other projects' tests, kept beside the project; a test that reads them skips where they are absent."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.parsing import samples


def need(name: str) -> Path:
    """A file or folder of the corpus. Skips where the whole corpus is absent."""
    samples.need_corpus()
    path = samples.CORPUS / name
    if not path.exists():
        pytest.skip(f"{path} is absent; set TRAWL_CORPUS to a folder that has it")
    return path


def rows(name: str) -> list[dict[str, Any]]:
    """The lines of a JSON Lines file. Lone surrogates stand in a few of them."""
    text = need(name).read_text("utf-8", errors="surrogatepass")
    return [json.loads(line) for line in text.split("\n") if line.strip()]
