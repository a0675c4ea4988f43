"""What can be paused, and for how long: the choices of the form."""

import wording
from topics.operations import pauses

#: The classes of what can be paused, and what each is called.
CLASSES = {
    "queue": "Queues",
    "kind": "Kinds of jobs",
    "provider": "Providers",
    "project": "Projects",
    "schedule": "Entries of the schedule",
    "host": "Hosts",
}

#: How long a pause may be made for here (s); "" = until somebody resumes it.
CHOSEN_S = (1800, 3600, 7200, 28_800, 86_400, 604_800)
LENGTHS = (("", "until somebody resumes it"), *((str(length_s), wording.duration(length_s)) for length_s in CHOSEN_S))


def groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of what can be paused: its class in words, and pairs of scope and name."""
    groups = [(CLASSES[kind], [(f"{kind}:{name}", name) for name in names]) for kind, names in pauses.choices().items()]
    typed = [("host:", "a host, named beside"), ("project:", "another project, named beside")]
    return [*((label, pairs) for label, pairs in groups if pairs), ("By name", typed)]
