"""Constants that Python and the Lua scripts share. A script or a part names those it needs: `-- Constants DIRECT`."""

#: How the owner of a claim begins that is no job: a call outside a job.
DIRECT = "direct-"

#: A direct call keeps its claim so long after it renewed it (ms).
DIRECT_CLAIM_MS = 60_000

#: Added to the time until which a keyword is held (s): the due time of a held keyword is below zero, at the head of a sorted set.
HELD = -(2**41)

#: The list of wake-ups holds at most so many, for so long (s).
MOST_WAKEUPS = 64
WAKEUPS_TTL_S = 60

#: A job that was rescued and cannot go back to its queue keeps a lease for so long (ms): its rescuer fails it in that time.
RESCUE_LEASE_MS = 60_000

#: The answer to a worker's last lease request is kept for so long (s), for when the request is sent again.
REQUEST_TTL_S = 60

#: RQ's record of an execution lives for so long (s), unless the job ends before.
EXECUTION_TTL_S = 86_400

#: Counts of one minute live for so long (s).
COUNT_TTL_S = 7200
