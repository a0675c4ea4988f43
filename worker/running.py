"""The executions that run or wait in a worker process, by the name of their lease.

How many of them are coroutines is asked several times in each turn of the consumer: it is counted here, not looked for.
"""

from worker.execution import Execution


class Running(dict[str, Execution]):
    """`on_loop`: the leases of those that are coroutines.

    Two threads take executions out. So walk over `copy()`: the tuples of `list(running.items())` may start a garbage collection,
    which lets the other in.
    """

    def __init__(self) -> None:
        super().__init__()
        self.on_loop: set[str] = set()

    def add(self, execution: Execution) -> None:
        """Count an execution among those that run."""
        lease = execution.job.lease
        if execution.on_loop:
            self.on_loop.add(lease)  # before another thread can see it, and take it out
        self[lease] = execution

    def take_out(self, lease: str) -> Execution | None:
        """Take an execution out; None where another thread was faster."""
        self.on_loop.discard(lease)
        return self.pop(lease, None)
