"""Keys of submits as Redis keeps them."""

from typing import Any

from state.engine import idempotency


def begin(job_id: str, **more: Any) -> tuple[str, str]:
    entry = idempotency.begin("o", "k", more.pop("print", "p"), job_id, keep_s=60, **more)
    return entry.state, entry.job_id


def test_the_first_has_the_key_and_a_second_sending_of_it_too() -> None:
    assert begin("a") == begin("a") == ("new", "a")
    assert begin("b") == ("begun", "a") and begin("b", print="q") == ("other", "a")
    idempotency.done("o", "k", "a", "a", "low")
    assert idempotency.begin("o", "k", "p", "c", keep_s=60) == ("done", "a", "low")


def test_a_key_of_work_that_is_over_is_taken_by_one() -> None:
    begin("a")
    assert begin("b", ended="a") == ("new", "b") and begin("c", ended="a") == ("begun", "b")


def test_who_comes_late_does_not_change_a_key_that_another_has_by_now() -> None:
    begin("a")
    begin("b", ended="a")
    idempotency.done("o", "k", "a", "a", "low")
    assert begin("c") == ("begun", "b")


def test_a_key_that_expired_meanwhile_does_not_come_back(store: Any) -> None:
    begin("a")
    [key] = store.keys("*")
    assert 0 < store.ttl(key) <= 60
    store.delete(key)
    idempotency.done("o", "k", "a", "a", "low")
    assert store.keys("*") == []
