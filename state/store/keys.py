"""Every Redis key of ours, with its type and how long it lives. RQ's own keys are at the end: their names are RQ's.

    key                            type    lives
    trawl:projects                 set     permanent   project ids
    trawl:folders                  hash    permanent   object folder → project id
    trawl:project:<id>             hash    permanent   settings of a project
    trawl:project:<id>:due         zset    permanent   keyword id → when to check (s; 0 = never scraped, < 0 = held: batches.py)
    trawl:project:<id>:archived    set     permanent   keyword ids that rest
    trawl:project:<id>:changes     list    permanent   settings that were changed, the last 100
    trawl:keyword:<id>             hash    permanent   a keyword (fields: state/keywords.py)
    trawl:keyword:<id>:ranks       string  permanent   6 bytes a day (layout: state/history.py)
    trawl:keyword:<id>:pages       list    permanent   URLs and titles the ranks speak of
    trawl:keyword:<id>:error       string  30 days     last failure
    trawl:serp:ring                zset    permanent   projects with due keywords → virtual time of their next turn
    trawl:serp:waiting             zset    permanent   the other active projects → their earliest due time (s)
    trawl:serp:vtime               string  permanent   virtual time of the last turn
    trawl:serp:weights             hash    permanent   project → its weight, where that is not 1
    trawl:serp:turns:<queue>       hash    7 days      project → its next turn there; '' → the queue's time (parts/turns.lua)
    trawl:serp:failed              zset    permanent   keywords whose last check failed → when (s)
    trawl:serp:halted              string  15 min      why nothing is fetched (bad token, no credits)
    trawl:asked:<what>             string  3 min       somebody asked the outside world about it lately
    trawl:serp:credits             string  1 day       what the account at the provider held when it was asked last (JSON)
    trawl:serp:slot:<n>            string  2 intervals keywords a scheduled tick has taken in slot n
    trawl:claims                   set     permanent   namespaces of dedup claims
    trawl:claims:<ns>              zset    permanent   claimed member → since when (ms); of a call outside a job: renewed when
    trawl:claims:<ns>:jobs         hash    permanent   claimed member → id of the job that holds it
    trawl:leases                   zset    permanent   running job:execution → end of its lease (ms)
    trawl:request:<worker>         string  60 s        the last taking of a worker, for when it is sent again
    trawl:limits                   hash    permanent   kind → how many of it may run at a time ('' = no limit any more)
    trawl:kinds                    hash    permanent   dotted path of a function → kind of its jobs, as workers tell
    trawl:runs:<kind>              zset    permanent   job:execution of a limited kind; those that are leased count
    trawl:after                    zset    permanent   settled job:execution=queue that RQ's machinery must follow up → since (ms)
    trawl:parked                   hash    permanent   parked job → why it may not run yet
    trawl:pauses                   hash    permanent   paused scope (`queue:low`) → reason, actor, since_ms, until_ms (JSON)
    trawl:pauses:ends              zset    permanent   paused scope → when its pause ends by itself (ms)
    trawl:owned[:<owner>]          zset    permanent   job of that owner that is not over → since (ms); without: set of owners
    trawl:quarantine               hash    permanent   id of what is no job → why (JSON)
    trawl:events                   stream  permanent   changes of jobs, the newest; those of ended jobs move to the history
    trawl:events:followed          string  60 s        somebody follows them: changes that are not kept are written too
    trawl:told:<token>             string  60 s        changes of jobs that others told, for when they are sent again
    trawl:submitted:<owner>:<hash> hash    RESULT_DAYS or 1 day: a caller's key → its request and job (engine/idempotency.py)
    trawl:history                  stream  permanent   what each segment of the history holds (layout: state/engine/segments.py)
    trawl:history:<entry>          string  HISTORY_DAYS a segment: 2,000 jobs that ended, the last by that entry of the events
    trawl:packing                  string  60 s        a worker packs the history, because the stream of events grew long
    trawl:hour:<hour>              hash    90 days     that hour since 1970: kind|outcome|category|bucket → how many (hourly.py)
    trawl:flow:<YYYY-MM-DDTHH>     hash    2 h         minute|in|queue, minute|out|queue → jobs that came, that were over
    trawl:attempts:<job>           list    30 days     the last attempts of a job (JSON); of one that ended, as long as its record
    trawl:lines:<job>              string  30 days     what the running attempt of a job has logged so far (JSON)
    trawl:probe                    string  1 s         a write that shows whether the server takes any
    trawl:alarm                    string  5 s         when the next delayed job is due (ms), and a process comes for it
    trawl:wake                     list    60 s        one entry for each idle worker to wake
    trawl:schedules                set     permanent   entries of the schedule's tables, also removed ones
    trawl:schedule:<entry>         hash    permanent   what became of an entry (fields: state/engine/schedule_records.py)
    trawl:schedule:<entry>:runs    list    400 days    its last runs (state/engine/schedule_runs.py)
    trawl:slots:<kind>             zset    10 min      call outside a job that uses a place of the kind → its lease's end (ms)
    trawl:slots:<kind>:waiting     zset    10 min      one that waits for such a place → until when it is believed (ms)
    trawl:count:<name>:<minute>    string  2 h         events in that minute since 1970
    trawl:statistics:<YYYY-MM-DD>  hash    90 days     hour → its figures (JSON)
    trawl:heartbeat:<who>          string  3 beats     last sign of life of a process without an RQ key
    trawl:restoring:<key>          ...     1 h         a list or stream that `restore` has not written to its end yet

The rooms `scraping`, `access`, `webhooks`, `budgets`, `leads` and `engine` of `state/` have a keys.py of their own.

"permanent" means: until what it describes is removed. Every other key has a TTL (tests/conftest.py checks it). Blocked jobs
(state/engine/limits.py) stand in lists that are queues of RQ's: `rq:queue:<queue>.<kind>`.
"""

from datetime import datetime

PREFIX = "trawl:"

PROJECTS = "trawl:projects"
FOLDERS = "trawl:folders"
PROJECT = "trawl:project:"
KEYWORD = "trawl:keyword:"
RING = "trawl:serp:ring"
WAITING = "trawl:serp:waiting"
VTIME = "trawl:serp:vtime"
WEIGHTS = "trawl:serp:weights"
TURNS = "trawl:serp:turns:"
FAILED = "trawl:serp:failed"
HALTED = "trawl:serp:halted"
CREDITS = "trawl:serp:credits"
CLAIM_NAMESPACES = "trawl:claims"

SLOTS = "trawl:slots:"

LEASES = "trawl:leases"
LIMITS = "trawl:limits"
KINDS = "trawl:kinds"
RUNS = "trawl:runs:"
FOLLOWUPS = "trawl:after"
PARKED = "trawl:parked"
PAUSES = "trawl:pauses"
PAUSE_ENDS = "trawl:pauses:ends"
OWNERS = "trawl:owned"
OWNED = "trawl:owned:"
CHILDREN = "trawl:children:"
QUARANTINE = "trawl:quarantine"
EVENTS = "trawl:events"
FOLLOWED = "trawl:events:followed"
HISTORY = "trawl:history"
PACKING = "trawl:packing"
HOUR = "trawl:hour:"
FLOW = "trawl:flow:"
ATTEMPTS = "trawl:attempts:"
LINES = "trawl:lines:"
PROBE = "trawl:probe"
RESTORING = "trawl:restoring:"
WAKE = "trawl:wake"
ALARM = "trawl:alarm"
SCHEDULES = "trawl:schedules"
SCHEDULE = "trawl:schedule:"

#: How long RQ keeps a failed job (its own default is a year).
FAILURE_TTL_S = 7 * 86400

RQ = "rq:"
RQ_SUSPENDED = "rq:suspended"
RQ_JOB = "rq:job:"
RQ_RESULTS = "rq:results:"
RQ_QUEUE = "rq:queue:"
RQ_QUEUES = "rq:queues"
RQ_SCHEDULED = "rq:scheduled:"
RQ_CANCELED = "rq:canceled:"
RQ_DEFERRED = "rq:deferred:"
RQ_FINISHED = "rq:finished:"
RQ_FAILED = "rq:failed:"
RQ_STARTED = "rq:wip:"
RQ_WORKER = "rq:worker:"
RQ_WORKERS = "rq:workers"
RQ_EXECUTION = "rq:execution:"
RQ_EXECUTIONS = "rq:executions:"
RQ_PUBSUB = "rq:pubsub:"
RQ_SCHEDULER_JOBS = "rq:scheduler:scheduled_jobs"


def project(project_id: str) -> str:
    """Settings of a project (hash)."""
    return PROJECT + project_id


def due(project_id: str) -> str:
    """Due times of a project's keywords (zset, s)."""
    return f"{PROJECT}{project_id}:due"


def archived(project_id: str) -> str:
    """Archived keywords of a project (set)."""
    return f"{PROJECT}{project_id}:archived"


def changes(project_id: str) -> str:
    """Settings of a project that were changed (list)."""
    return f"{PROJECT}{project_id}:changes"


def keyword(keyword_id: str) -> str:
    """A keyword (hash)."""
    return KEYWORD + keyword_id


def ranks(keyword_id: str) -> str:
    """Rank history of a keyword (string, 6 bytes a day)."""
    return f"{KEYWORD}{keyword_id}:ranks"


def pages(keyword_id: str) -> str:
    """Pages the rank history speaks of (list)."""
    return f"{KEYWORD}{keyword_id}:pages"


def last_error(keyword_id: str) -> str:
    """Last failure of a keyword (string, JSON, 30 days)."""
    return f"{KEYWORD}{keyword_id}:error"


def claims(namespace: str) -> str:
    """Members being worked on (zset, since ms)."""
    return f"{CLAIM_NAMESPACES}:{namespace}"


def claim_jobs(namespace: str) -> str:
    """Which job holds each claim (hash)."""
    return f"{CLAIM_NAMESPACES}:{namespace}:jobs"


def asked(what: str) -> str:
    """Somebody asked lately (string)."""
    return f"trawl:asked:{what}"


def slots(kind: str) -> str:
    """Calls outside a job that use a place of a limited kind (zset, lease end ms)."""
    return SLOTS + kind


def slots_waiting(kind: str) -> str:
    """Calls outside a job that wait for such a place (zset, end of the mark ms)."""
    return f"{SLOTS}{kind}:waiting"


def batch_slot(number: int) -> str:
    """What scheduled ticks have taken in one interval (string)."""
    return f"trawl:serp:slot:{number}"


def last_request(worker: str) -> str:
    """What a worker took last (string)."""
    return f"trawl:request:{worker}"


def turns(queue: str) -> str:
    """Next turns of projects in a queue (hash)."""
    return TURNS + queue


def count(name: str, minute: int) -> str:
    """Events of one minute (string)."""
    return f"trawl:count:{name}:{minute}"


def statistics(day: str) -> str:
    """Figures of the hours of a day (hash)."""
    return f"trawl:statistics:{day}"


def hour(number: int) -> str:
    """Counts of an hour since 1970 (hash)."""
    return f"{HOUR}{number}"


def told(token: str) -> str:
    """A sending of changes that others told (string)."""
    return f"trawl:told:{token}"


def submitted(owner: str, digest: str) -> str:
    """A key that a caller gave to a submit (hash); `digest`: SHA-256 of that key."""
    return f"trawl:submitted:{owner}:{digest}"


def segment(entry: str) -> str:
    """A segment of the history (string)."""
    return f"{HISTORY}:{entry}"


def flow(at: datetime) -> str:
    """Jobs that came into the queues and were over in the hour of a moment (hash)."""
    return f"{FLOW}{at:%Y-%m-%dT%H}"


def schedule_runs(entry: str) -> str:
    """The last runs of an entry of the schedule (list)."""
    return f"{SCHEDULE}{entry}:runs"


def schedule(entry: str) -> str:
    """What became of an entry of the schedule (hash)."""
    return SCHEDULE + entry


def heartbeat(who: str) -> str:
    """Last sign of life (string)."""
    return f"trawl:heartbeat:{who}"


def attempts(job_id: str) -> str:
    """The attempts of a job (list, JSON)."""
    return ATTEMPTS + job_id


def lines(job_id: str) -> str:
    """What the running attempt of a job has logged so far (string, JSON)."""
    return LINES + job_id


def job(job_id: str) -> str:
    """RQ's job (hash)."""
    return RQ_JOB + job_id


def results(job_id: str) -> str:
    """RQ's results of a job (stream)."""
    return RQ_RESULTS + job_id


def queue(name: str) -> str:
    """RQ's queue (list of job ids)."""
    return RQ_QUEUE + name


def blocked(name: str, kind: str) -> str:
    """Blocked jobs of a queue and kind: a queue of RQ's too (list of job ids)."""
    return f"{RQ_QUEUE}{name}.{kind}"
