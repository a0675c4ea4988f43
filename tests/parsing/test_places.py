"""Places of a search have the form of Google's canonical names."""

import pytest

from errors import ArgumentError
from parsing import places


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Austin, Texas, United States", "Austin,Texas,United States"), ("Austin,Texas,United States",) * 2,
     ("  New  York , New York,United States ", "New York,New York,United States"), ("California,United States",) * 2,
     ("78701,Texas,United States",) * 2, ("Saint-Étienne,Auvergne-Rhone-Alpes,France",) * 2, ("O'Fallon,Missouri,Canada",) * 2,
     ("Ko\u0308ln,Germany", "Köln,Germany"), ("St. Louis,Missouri,United States",) * 2, ("東京,日本",) * 2],
)  # fmt: skip
def test_a_canonical_name_is_kept_without_blanks_at_its_commas(typed: str, name: str) -> None:
    assert places.location(typed) == name


@pytest.mark.parametrize(
    "typed",
    ["", "Austin", "Austin,,United States", "Austin,", ",Texas", "w+CAIQICIaQXVzdGlu", "https://x.test/,US", "a,\x00b",
     "Austin, 78701", "30.26,-97.74", "-,-", "x" * 399 + ",US", "Paris;France", "a,b\u202ec"],
)  # fmt: skip
def test_what_is_no_canonical_name_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ArgumentError, match="Austin, Texas, United States"):
        places.location(typed)
