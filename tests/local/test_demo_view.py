"""What the demo says before it fetches: what is new, and what is only tried again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

import clock
import errors
from jobs import serp
from local import demo_view
from tests import fakes
from tests.state import NOON, tracked, words


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def begins(total: int, capsys: pytest.CaptureFixture[str]) -> str:
    with demo_view.View(["p"]).progress(total):
        pass
    return capsys.readouterr().out.strip()


def test_a_run_after_the_first_tries_again_what_failed_and_says_that_the_rest_is_fresh(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = tracked(5)
    assert begins(5, capsys) == "Checking 5 keywords:"
    provider, _ = fakes.use(monkeypatch)
    for word in ids[:3]:
        serp.track_keyword(word)
    assert begins(2, capsys) == "Checking 2 keywords:", "the rest of a run that was killed"
    provider.answers = fakes.CAPTCHA
    for word in ids[3:]:
        with pytest.raises(errors.BlockedError):
            serp.track_keyword(word)
    clock.advance(timedelta(minutes=10))
    assert begins(2, capsys) == "Trying 2 of 2 keywords again that failed; the other 3 are fresh:"
    assert begins(1, capsys) == "Trying 1 of 2 keywords again that failed; the other 3 are fresh:"
    words("p", 1, start=10)
    assert begins(3, capsys) == "Checking 3 keywords:"
