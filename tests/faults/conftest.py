"""Fixtures of the fault tests."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import harness


@pytest.fixture
def scene(tmp_path: Path, store: object) -> Iterator[harness.Env]:
    """A Redis of its own, a ledger, and worker programs that are gone afterwards."""
    with harness.opened(tmp_path) as made:
        yield made


@pytest.fixture
def dice() -> random.Random:
    """Chance that can be had again: the seed is printed, and TRAWL_TEST_SEED sets it."""
    seed = int(os.environ.get("TRAWL_TEST_SEED") or random.randrange(1 << 30))
    print(f"seed {seed}: repeat with TRAWL_TEST_SEED={seed}")
    return random.Random(seed)
