"""Both ways of counting shares of voice agree, whatever the pages show."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given

from state.tracking import serp_summaries
from state.tracking.serp_summaries import Summary
from tests.state import TODAY
from topics.tracking import voice_courses, voices

WEIGHTS = (1.0, 0.9, 0.5, 0.25)
NAMES = [f"{name}.test" for name in "abcdef"]
LAST = serp_summaries.number_of(TODAY)


@st.composite
def pasts(draw: st.DrawFn) -> list[Summary]:
    days = draw(st.lists(st.integers(0, 9), max_size=5, unique=True))
    return [
        Summary(
            TODAY - timedelta(days=back),
            tuple(
                (host, rank)
                for rank, host in enumerate(draw(st.lists(st.none() | st.sampled_from(NAMES), max_size=8)), 1)
                if host
            ),
            ours=tuple((f"https://x.test/{rank}", rank) for rank in sorted(draw(st.sets(st.integers(1, 9), max_size=3)))),
        )
        for back in days
    ]


@given(st.lists(st.tuples(pasts(), st.none() | st.integers(1, 100)), max_size=5), st.sets(st.sampled_from(NAMES)))
def test_some_domains_on_many_days_count_as_all_domains_do(
    keywords: list[tuple[list[Summary], int | None]], chosen: set[str]
) -> None:
    numbers = range(LAST - 9, LAST + 1)
    every, some = voices.Voices(numbers, 1, WEIGHTS), voice_courses.Course(numbers, 1, WEIGHTS, chosen)
    for seen, volume in keywords:
        past = serp_summaries.briefs(serp_summaries.pack(seen))
        every.count(past, volume)
        ranks = some.count(past, volume)
        held = next((one for one in past if LAST - one.number <= 1), None)
        expected = held.places(voices.OURS) if held else {}
        assert ranks == {name: rank for name, rank in expected.items() if name in chosen or name == voices.OURS}
    for at, day in enumerate(some.days):
        assert day.keywords == every.days[at].keywords and abs(day.seen - every.days[at].seen) < 1e-6
        for name, told in some.seen[at].items():
            assert abs(told - every.of(name).seen[at]) < 1e-6
