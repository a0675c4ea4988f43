"""What a stream is told first that goes on where another one broke off: the events in between, as far as they are kept."""

from collections.abc import Iterator

from errors import ArgumentError
from state.engine import event_reader, events
from web.subscription import LOST, Event, Subscription, event_of

#: No entry has so many rows.
ROWS = 1_000_000


def told(stream: Subscription, after: str, until: str) -> Iterator[Event]:
    """Events after the one with the id `after`, up to entry `until`; `lost` before them where some are gone.

    Raises ArgumentError for what is no id of an event.
    """
    position = event_reader.position_of(after)
    if position is None:
        raise ArgumentError(f"{after!r:.60} is no id of an event: send the last `id` of the stream as Last-Event-ID, or nothing.")
    return _told(stream, position, until)


def id_of(entry: str) -> str:
    """The id that goes on behind a whole entry of the stream."""
    ms, number = events.place(entry)
    return f"{ms}-{number}-{ROWS}"


def is_coming(stream: Subscription) -> bool:
    """Whether an event of this stream is kept that the reader of the process has not read yet: it will be told."""
    position = event_reader.position_of(stream.since)
    return position is not None and any(stream.takes(news) for news in event_reader.between(position, "+"))


def _told(stream: Subscription, position: tuple[int, int, int], until: str) -> Iterator[Event]:
    oldest = event_reader.oldest()
    if position[:2] != (0, 0) and (not oldest or events.place(oldest) > position[:2]):
        yield LOST
    while True:
        found = event_reader.between(position, until)
        for news in found:
            position = news.change.position
            if stream.takes(news):
                yield event_of(news)
        if not found:
            return
