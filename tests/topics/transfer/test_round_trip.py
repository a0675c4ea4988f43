"""What is exported and imported into an empty store is the same there: the second export is the first, byte for byte."""

import io
import json
from typing import Any

import pytest

from state.store import connection
from tests.topics.transfer import rich
from topics.transfer import exporting, import_report, importing
from topics.transfer.kinds import KINDS, Scope
from topics.transfer.merging import Merging, Rule, Word


@pytest.fixture
def exported(store: Any) -> bytes:
    """An export of a rich store, which is empty afterwards."""
    rich.fill()
    found = b"".join(exporting.lines(Scope()))
    connection.client().flushall()
    return found


def run(found: bytes, **merging: Any) -> import_report.Report:
    return importing.run(io.BytesIO(found), Merging(**merging))


def test_an_export_imported_and_exported_again_is_the_same(exported: bytes) -> None:
    told = {json.loads(line)["kind"] for line in exported.splitlines()}
    assert told - {"setting"} == {*KINDS, exporting.HEADER, exporting.END} - {"setting"}, "the store has something of everything"
    dry = run(exported, is_dry=True)
    assert connection.client().keys("trawl:*") == []

    done = run(exported)

    assert (done.refused, done.notes, done.is_cut_off, done.is_changed) == ([], [], False, False)
    assert done.totals["new"] == done.lines - 2 - done.counts["setting"]["unchanged"], "all but header, end and settings"
    assert dry.counts == done.counts
    again = b"".join(exporting.lines(Scope()))
    assert again.partition(b"\n")[2] == exported.partition(b"\n")[2]
    assert json.loads(again.splitlines()[0])["counts"] == json.loads(exported.splitlines()[0])["counts"]

    for rule in Rule:
        again_in = run(exported, rule=rule)
        assert again_in.totals == {**dict.fromkeys(Word, 0), "unchanged": done.lines - 2}, rule
