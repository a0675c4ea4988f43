"""What a job tells of its progress is bounded, and always JSON."""

import json
from typing import Any

import pytest

from errors import ArgumentError
from worker import told

ENDLESS: dict[str, Any] = {}
ENDLESS["again"] = ENDLESS


def test_details_are_kept_as_they_are() -> None:
    assert json.loads(told.text(1, 2, "x", {"page": 3, "of": ["a", None]}))["details"] == {"page": 3, "of": ["a", None]}
    assert "details" not in json.loads(told.text(1, 2, "x"))


def test_large_details_are_replaced_by_a_note_and_fail_no_job() -> None:
    kept = json.loads(told.text(1, 2, "x" * 9999, {"html": "y" * 1_000_000}))
    assert "1,0" in kept["details"]["left out"] and len(kept["message"]) == told.MOST_MESSAGE


@pytest.mark.parametrize("wrong", [[1], "x", {"at": object()}, {"nan": float("nan")}, {(1, 2): 3}, ENDLESS])
def test_what_is_no_json_object_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="JSON object"):
        told.text(1, 2, "x", wrong)


def test_half_a_surrogate_pair_is_sent() -> None:
    assert told.text(1, None, "\ud800", {"a": "\udfff"}).encode()
