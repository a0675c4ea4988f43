"""Which values cannot be right, by their form; days are UTC wherever the machine stands."""

import time

import pytest

import clock
from topics.analytics import tokens, validity

GOOD = {
    "emails": ["info@example.com", "o'neil+x@mail.example.co.uk", "büro@münchen.example"],
    "phones": ["+49 731 1234567", "(020) 7946-0958 ext 12", "12345", 4930123456],
    "site": ["https://example.com/", "http://example.com"],
    "country": ["DE"],
    "founded": [1000, 1998, "1998", clock.now().year],
    "employees": [0, 12, "11-50", "1,200", "10001+", "51–200"],
}
BAD = {
    "emails": ["info@example", "a b@example.com", "@example.com", "info@.com", "x@y..z", 5],
    "phones": ["1234", "+49 731 CALL ME 99", "1" * 18, "", None],
    "site": ["example.com", "ftp://example.com", "https://localhost"],
    "country": ["de", "Germany", "D", 49],
    "founded": [999, clock.now().year + 1, "soon", 19985, 1998.5, "٢٠٠١"],
    "employees": [-3, True, "many", "", 3.5],
}


@pytest.mark.parametrize("field", sorted(validity.CHECKS))
def test_forms(field: str) -> None:
    is_wrong = validity.CHECKS[field]
    assert [one for one in GOOD[field] if is_wrong(one)] == [] == [one for one in BAD[field] if not is_wrong(one)]


def test_days_are_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert tokens.ms_of("2026-07-01") == 1_782_864_000_000
    finally:
        monkeypatch.undo()
        time.tzset()
