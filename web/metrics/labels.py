"""Values of labels. They come from fixed lists: nothing that a user, a page or another program writes makes a new series."""

import queues

OTHER = "other"


def kinds() -> frozenset[str]:
    """Kinds of the jobs that are registered here."""
    return frozenset(queues.kinds().values())


def kind(name: str, known: frozenset[str]) -> str:
    """The kind as a label; `other` for one that other programs told."""
    return name if name in known else OTHER
