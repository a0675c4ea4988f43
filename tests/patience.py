"""How long a test waits, on a machine of any speed and with any load.

A bound that only finds what hangs is HANG_S: no test waits so long for what works, and none looks at how long it took. A promise
about time is held against `leeway`: what the promise says, stretched by how slow the machine is at this moment.
"""

import os
import subprocess
import sys

import clock

#: What is not over by now hangs (s).
HANG_S = 300.0

#: A quiet machine starts Python with an import or two in less (s).
START_S = 0.1

#: What a promise is stretched by on a quiet machine: tests look at a moment a little after it.
MARGIN = 2.0

#: A measurement is good for so long (s).
FRESH_S = 2.0

_measured = (-FRESH_S, 1.0)  # when, and what


def leeway(seconds: float) -> float:
    """What takes `seconds` on a quiet machine may take this long now."""
    return seconds * MARGIN * slowness()


def slowness() -> float:
    """How many times as long as on a quiet machine things take now, or took in the last minute; 1 at least."""
    global _measured
    if clock.monotonic() - _measured[0] > FRESH_S:
        begun = clock.monotonic()
        subprocess.run([sys.executable, "-I", "-c", "import json, socket"], check=True, timeout=HANG_S)
        started_s = clock.monotonic() - begun
        waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
        _measured = (clock.monotonic(), max(1.0, started_s / START_S, waiting))
    return _measured[1]
