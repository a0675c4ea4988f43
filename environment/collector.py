"""When Python looks for garbage: seldom while modules are loaded, and never again at what was loaded.

Modules stay. To look at them for garbage again and again takes a tenth of the time that a worker's modules take to load.
"""

import gc

#: Objects that are made before Python looks.
WHILE_LOADING, USUAL = 100_000, gc.get_threshold()


def begin_loading() -> None:
    """What a command does first."""
    gc.set_threshold(WHILE_LOADING)


def end_loading() -> None:
    """What a process does that will run for long, once it has loaded its modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*USUAL)
