"""When Python looks for garbage: seldom while modules load, as usual afterwards, and never at what was loaded."""

import gc

from environment import collector


def test_python_looks_for_garbage_as_usual_once_modules_are_loaded() -> None:
    try:
        collector.begin_loading()
        assert gc.get_threshold()[0] == collector.WHILE_LOADING > collector.USUAL[0]
        frozen = gc.get_freeze_count()
        collector.end_loading()
        assert gc.get_threshold() == collector.USUAL and gc.get_freeze_count() > frozen
    finally:
        gc.unfreeze()
        gc.set_threshold(*collector.USUAL)
