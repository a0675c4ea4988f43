"""Where the hand-written pages and the recorded ones are, and how to read them."""

import functools
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "samples" / "serp"
CORPUS = Path(os.environ.get("TRAWL_CORPUS", ROOT.parent / "shared" / "corpus"))


def sample(name: str) -> str:
    return (SAMPLES / f"{name}.html").read_text("utf-8")


def need_corpus() -> None:
    """Skip where the recorded pages are not: they are no part of the project. Fail where TRAWL_CORPUS names a folder without."""
    if (CORPUS / "serp" / "truth.jsonl").is_file():
        return
    reason = f"recorded pages are not at {CORPUS}; set TRAWL_CORPUS to their folder"
    if os.environ.get("TRAWL_CORPUS"):
        pytest.fail(reason)
    pytest.skip(reason)


def rows(name: str) -> list[dict[str, Any]]:
    text = (CORPUS / "serp" / name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines() if line]


@functools.lru_cache(maxsize=32)
def page(file: str) -> bytes:
    return gzip.decompress((CORPUS / file).read_bytes())
