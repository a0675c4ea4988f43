"""Constants that Python and the Lua scripts share. A script or a part names those it needs: `-- Constants DIRECT`."""

from state.store import keys

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

#: A process that comes for a delayed job is believed to be late by so much (ms) at most; then others come for it.
ALARM_MS = 1000

#: The answer to a worker's last lease request is kept for so long (s), for when the request is sent again.
REQUEST_TTL_S = 60

#: RQ's record of an execution lives for so long (s), unless the job ends before.
EXECUTION_TTL_S = 86_400

#: The stream of events holds about so many entries at most, where nobody moves them to the history. As text: see settle.lua.
MOST_EVENTS = "100000"

#: What is kept of the attempts of a job (state/engine/attempts.py): prefixes of the keys, so many attempts, for so long (s) while
#: the job is not over. As text, like those above.
ATTEMPTS, JOB_LINES = keys.ATTEMPTS, keys.LINES
MOST_ATTEMPTS, ATTEMPTS_TTL_S = "20", "2592000"

#: What is news for a moment only: so many entries at most, for so long (s) after the last.
MOST_LIVE = "2000"
LIVE_TTL_S = "60"

#: The outbox holds about so many entries at most: with more, the oldest go. As text, like those above.
MOST_OUTBOX = "200000"

#: The job that reads the outbox, and its time limit (s).
DISPATCH, DISPATCH_S = "jobs.webhooks.dispatch", "120"

#: The job that sends what one endpoint is to be told, and its time limit (s).
DELIVER, DELIVER_S = "jobs.webhooks.deliver", "120"

#: A job that was put into a queue by a script is believed to be on its way for so long (s).
ROUSED_S = "60"

#: Names and times of RQ's (state/store/keys.py), for scripts that are not given them.
RQ_PREFIX, WAKE_LIST, FAILED_S = keys.RQ, keys.WAKE, str(keys.FAILURE_TTL_S)
JOB_PREFIX, QUEUE_PREFIX, SCHEDULED_PREFIX = keys.RQ_JOB, keys.RQ_QUEUE, keys.RQ_SCHEDULED
RQ_QUEUES, RQ_SUSPENDED = keys.RQ_QUEUES, keys.RQ_SUSPENDED

#: Keys of ours likewise: each argument of a script costs as much as a small command of it.
EVENTS, FOLLOWED, KINDS, PAUSES = keys.EVENTS, keys.FOLLOWED, keys.KINDS, keys.PAUSES
LIMITS, PARKED, FOLLOWUPS, QUARANTINE = keys.LIMITS, keys.PARKED, keys.FOLLOWUPS, keys.QUARANTINE
RUNS, SLOTS = keys.RUNS, keys.SLOTS
HOUR_PREFIX, OWNED_PREFIX, CHILDREN_PREFIX, CLAIM_NAMESPACES = keys.HOUR, keys.OWNED, keys.CHILDREN, keys.CLAIM_NAMESPACES

#: The claims of keywords that are being processed, as dedup.py names them.
SERP_CLAIMS = keys.claims("serp")

#: How long it is known which jobs a job waits for (s): longer than one may be parked.
CHILDREN_S = "3456000"

#: Our records of entries of the schedule. Of each so many lines tell its last runs, for so long (s) after the last line.
SCHEDULE_PREFIX, MOST_RUN_LINES, RUNS_TTL_S = keys.SCHEDULE, 100, "34560000"

#: Jobs that came and were over, by minute: a hash of each hour, for so long (s).
FLOW_PREFIX, FLOW_TTL_S = keys.FLOW, "7200"

#: Counts of an hour live for so long (s).
HOUR_TTL_S = "7776000"

#: Counts of one minute live for so long (s).
COUNT_TTL_S = 7200

#: A pattern of addresses is a trap when so many pages of it were tried, and less than one in so many was new.
TRAP_TRIES = 20
TRAP_SHARE = 10

#: Links are followed from so many pages with the same text; from the others they are not.
MOST_ALIKE = 3

#: A page during which workers died so often failed.
MOST_DEATHS = 3
#: Pages that redirect to a page are remembered with it, so many at most: a visit follows no more redirects.
MOST_VIA = 5

#: So many records of a ledger are packed into one object; nobody else packs for so long (ms) after somebody began.
SEGMENT_RECORDS = 200
PACKING_MS = 120_000

#: For each page that a crawl may fetch, so many may wait, and the second besides; others are counted as skipped.
PENDING_SHARE = 10
PENDING_LEAST = 10_000

#: Batches and crawls that ended are listed, so many of the last at most.
MOST_ENDED = 10_000

#: A lane waits in its thread for a host that may be asked within so long (ms).
NEAR_MS = 500

# --- turns at hosts (state/scraping) ---

#: A job comes so long before its moment (ms), and waits the rest in its thread: queues and threads are not exact.
LEAD_MS = 100

#: No moment is granted so much (ms) and two delays ahead: one that is further away tells of a clock that went back.
AHEAD_MS = 10_000

#: A wait lasts so long at least (ms): less is not worth being parked.
LEAST_WAIT_MS = 10

#: While others are in flight, requests are further apart by so much of the delay, and by so much at least (ms): who is in flight
#: may have sent as much later than it was granted. Who is later than that asks again.
SLACK_PERCENT = 4
LEAST_SLACK_MS = 5

#: Who does not come within so long after its moment (ms) does not keep others from it; so long after that, it is forgotten.
LATE_MS = 250
LINE_FORGETS_MS = 900_000

#: A moment is brought forward where that gains more than this (ms); so many holders of a line at a time.
HASTE_MS = 25
CALLED = 2

#: Who finds all places of a host taken asks again after so long (ms) at least. No place is held for longer than the second.
FULL_MS = 25
MOST_LEASE_MS = 600_000

#: Who waits for the end of a pause without one asks again after so long (ms).
PAUSE_MS = 60_000

#: Those that wait for a provider's breaker come so far apart (ms).
PROVIDER_APART_MS = 50

#: A breaker opens where failures are half of the last outcomes: so many are kept, so many are needed.
BREAKER_OUTCOMES = 20
BREAKER_VOLUME = 8

#: It opens for so long (ms), twice as long each further time, up to the second. It forgets what is older than the third.
BREAKER_MS = 15_000
BREAKER_MOST_MS = 900_000
BREAKER_FORGETS_MS = 600_000

#: What is known of a host or provider is kept so long (ms) after its last request; a host is listed for so long, so many at most.
GATE_TTL_MS = 10_800_000
HOSTS_MS = 7_200_000
MOST_HOSTS = 100_000
HOUR_MS = 3_600_000

#: robots.txt is read again after a day (ms). While one reads it, the others ask again after the second at least.
ROBOTS_FRESH_MS = 86_400_000
ROBOTS_RETRY_MS = 300

#: An unreachable robots.txt is tried again after so long (ms), twice as long each further time, up to the second.
ROBOTS_BACKOFF_MS = 30_000
ROBOTS_MOST_BACKOFF_MS = 3_600_000

#: Unreachable for 30 days (ms), it counts as none (RFC 9309, 2.3.1.4).
ROBOTS_FREE_MS = 2_592_000_000

# --- who may ask (state/access) ---

#: After many tries to log in, the next one waits for so long (ms) at most. A scope is forgotten so long (s) after its last try.
LOGIN_WAIT_MS = 900_000
LOGIN_FORGETS_S = 3600

#: So many fingerprints of failures are kept at most, for so long (s) after the last failure, with counts of so many hours.
MOST_FAILURES, FAILURES_TTL_S, FAILURE_HOURS = "500", "2592000", "168"
