"""Jobs that were cancelled while they run. Each may end at its next progress(); one that does not is interrupted.

An isolated job is not interrupted here: its process is killed (worker/zygote.py).
"""

from errors import JobCancelled
from worker.execution import Execution
from worker.pool import Pool
from worker.running import Running

#: Seconds that a job gets to end by itself. Then it is interrupted,
GRACE_S = 5.0

#: and so many seconds later written off, with its thread. Most calls that wait for a server end before.
WRITE_OFF_S = 30.0


def stop(running: Running, job_id: str) -> None:
    """Ask a running job to stop. Called from the thread of RQ's commands."""
    for execution in list(running.values()):
        if execution.job.id == job_id:
            execution.stop_asked = execution.stopped_by_command = True


def press(pool: Pool, execution: Execution, now: float) -> bool:
    """Interrupt a job that was asked to stop a while ago; returns whether it is to be written off. Called again and again."""
    if execution.call.isolated:
        return False
    if not execution.stop_by:
        execution.stop_by = now + GRACE_S
    elif now > execution.stop_by and execution.interrupted_by is None:
        execution.stop_by = now + WRITE_OFF_S
        pool.interrupt(execution, JobCancelled)
    return now > execution.stop_by and execution.interrupted_by is JobCancelled
