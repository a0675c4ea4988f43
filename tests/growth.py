"""Time that grows with the size of the input and not with its square: a ratio, which holds on a machine of any speed."""

import time
from collections.abc import Callable

#: So many times the input, and so many times the time at most: far less than the square, which is 64.
TIMES, MOST = 8, 32

#: What takes less is measured badly (s): it counts as this.
LEAST_S = 0.05


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """Fail where work on an input of `size` takes far longer than eight times what it takes on an eighth of it."""
    small, large = spent(work, size // TIMES), spent(work, size)
    assert large < MOST * max(small, LEAST_S), f"{large:.2f} s beside {small:.2f} s for an eighth"


def spent(work: Callable[[int], object], size: int) -> float:
    """Seconds of this process's CPU that work on an input of this size takes."""
    began = time.process_time()
    work(size)
    return time.process_time() - began
