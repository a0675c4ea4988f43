"""A job as replies show it, where its record and what it told differ."""

import pytest

from models import JobStatus
from topics.operations.job_records import Job, Progress
from web import shapes


@pytest.mark.parametrize(
    ("status", "percent"), [(JobStatus.RUNNING, 25.0), (JobStatus.FAILED, 25.0), (JobStatus.COMPLETED, 100.0)]
)
def test_a_job_that_completed_has_done_all_of_its_steps_whatever_it_told_last(status: JobStatus, percent: float) -> None:
    told = shapes.job(Job("a", status, "", progress=Progress(1, 4)))
    assert told["progress"]["percent"] == told["progress_percentage"] == percent
