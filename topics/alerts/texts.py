"""Messages as people read them: plain text, one line an event, with the ids by which a double is seen."""

import re
from datetime import UTC, datetime

from state.alerts.incidents import CRITICAL, Event, Incident
from state.alerts.messages import Message
from wording import duration, pluralize

#: Events of a message that are written out, lines of one, and characters of a text.
MOST_EVENTS, MOST_LINES, MOST, MOST_TITLE = 20, 5, 6000, 200

#: What calls everybody at Slack, Discord, Teams and their like.
CALLS = re.compile(r"([@!])(everyone|here|channel|all|group|team)\b", re.IGNORECASE)

WORDS = {"opened": "Alert", "worse": "Worse", "recovered": "Over"}


def title(message: Message) -> str:
    """The title of a message: what it is about, in one line."""
    return " ".join(_quiet(_title(message)).split())[:MOST_TITLE]


def _title(message: Message) -> str:
    if message.kind == "digest":
        return f"Trawl: digest of {message.digest['day']}, {message.digest['open']} open"
    if len(message.events) == 1:
        return f"Trawl: {_head(message.events[0])}"
    counts = {name: sum(one.event == name for one in message.events) for name in WORDS}
    told = [f"{counts['opened']} new", f"{counts['worse']} worse", f"{counts['recovered']} over"]
    return f"Trawl: {pluralize(len(message.events), 'alert')}: " + ", ".join(one for one in told if not one.startswith("0 "))


def body(message: Message, link: str = "") -> str:
    """The text of a message. `link`: where the page of alerts is."""
    if message.kind == "digest":
        parts = list(message.digest["lines"])
    else:
        order = sorted(message.events, key=lambda one: -one.incident.grade)
        parts = [_event(one) for one in order[:MOST_EVENTS]]
        left = len(message.events) - len(parts) + message.left_out
        parts += [f"… and {pluralize(left, 'more event')}: `python manage.py alerts list` shows what is open."] if left else []
    foot = f"Message {message.id} of {_moment(message.at_ms)}; one that comes twice has the same id."
    return "\n\n".join([_cut(_quiet("\n\n".join(parts))), *([link] if link else []), foot])


def _quiet(text: str) -> str:
    """The text without what calls everybody in a chat: an error may quote what a page says."""
    return CALLS.sub("\\1\u200b\\2", text)


def event(one: Event) -> str:
    """What happened, in one line."""
    return f"{_moment(one.at_ms)} {_head(one)}"


def incident(one: Incident) -> str:
    """An incident in one line."""
    return f"{'critical' if one.grade == CRITICAL else 'warning'}: {one.title}, since {_moment(one.opened_ms or one.since_ms)}"


def _event(one: Event) -> str:
    told, lines = one.incident, [_head(one)]
    if one.event == "recovered":
        lines.append(f"It was open for {duration((one.at_ms - told.opened_ms) / 1000)}.")
    else:
        lines.append(told.says)
        lines += [f"- {line}" for line in told.lines[:MOST_LINES] if line != told.says]
        more = len(told.lines) - MOST_LINES
        lines += [f"- … and {more} more: `python manage.py alerts show {told.id}`"] if more > 0 else []
        lines += [f"Fix: {told.fix}"] if told.fix else []
    lines.append(
        f"Since {_moment(told.opened_ms)}, incident {told.id}" + (f", {told.times} times in 6 h" if told.times > 1 else "")
    )
    return "\n".join(lines)


def _head(one: Event) -> str:
    grave = "critical, " if one.incident.grade == CRITICAL and one.event != "recovered" else ""
    note = f" ({one.note})" if one.note else ""
    return f"{WORDS.get(one.event, one.event)}: {grave}{one.incident.title}{note}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST].rstrip()} …"


def _moment(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
