"""The Redis keys of access, with type and lifetime (`state/store/keys.py` has all others).

key                               type    lives
trawl:access:closed               string  permanent     a key or a user was made: without one, nobody is let in any more
trawl:access:keys                 zset    permanent     id of an API key → when it was made (s)
trawl:access:key:<id>             hash    permanent     an API key (fields: state/access/api_keys.py); 90 days once it is revoked
trawl:access:used:<id>            string  400 days      when it was used last (s), to a minute
trawl:access:users                set     permanent     names of people
trawl:access:user:<name>          hash    permanent     a person (fields: state/access/users.py)
trawl:access:known:<name>         zset    60 days       addresses from which that person logged in → when last (s)
trawl:access:sessions:<name>      zset    SESSION_DAYS  sessions of a person → their end (s)
trawl:access:session:<digest>     hash    SESSION_IDLE_H a session (fields: state/access/sessions.py)
trawl:access:throttle:<scope>     hash    1 h           tries to log in, and until when there may be no other (ms)
trawl:access:rate:<scope>         string  a window      until when what was asked is paid for (ms)
trawl:access:pages:<id>:<month>   hash    70 days       pages of a key: =taken, =fetched, and job → what is reserved for it
trawl:access:counting:<id>        string  5 s           somebody gives back what is reserved for jobs that are over
trawl:access:views:<owner>        hash    permanent     saved views of one, or of "all": id → JSON; they go with their owner
trawl:access:shares:<project>     zset    its last end  digests of share links of a project → their end (s)
trawl:access:share:<digest>       hash    until its end a share link (fields: state/access/share_links.py)
trawl:access:login:<digest>       string  15 min        a link that logs somebody in once: when it was made (s), and whom
trawl:audit                       stream  permanent     who changed what; AUDIT_DAYS
trawl:audit:routine               stream  permanent     likewise, what is many: jobs submitted, what was refused
"""

CLOSED = "trawl:access:closed"
KEYS = "trawl:access:keys"
USERS = "trawl:access:users"
AUDIT = "trawl:audit"
ROUTINE = "trawl:audit:routine"


def api_key(key_id: str) -> str:
    """An API key (hash)."""
    return f"trawl:access:key:{key_id}"


def used(key_id: str) -> str:
    """When a key was used last (string, s)."""
    return f"trawl:access:used:{key_id}"


def user(name: str) -> str:
    """A person (hash)."""
    return f"trawl:access:user:{name}"


def known(name: str) -> str:
    """Addresses from which a person logged in (zset, s)."""
    return f"trawl:access:known:{name}"


def sessions(name: str) -> str:
    """Sessions of a person (zset, end s)."""
    return f"trawl:access:sessions:{name}"


def session(digest: str) -> str:
    """A session (hash)."""
    return f"trawl:access:session:{digest}"


def throttle(scope: str) -> str:
    """Tries to log in (hash)."""
    return f"trawl:access:throttle:{scope}"


def rate(scope: str) -> str:
    """What was asked of late (string, ms)."""
    return f"trawl:access:rate:{scope}"


def pages(key_id: str, month: str) -> str:
    """Pages of a key in a month, YYYY-MM (hash)."""
    return f"trawl:access:pages:{key_id}:{month}"


def counting(key_id: str) -> str:
    """Somebody looks which jobs of a key are over (string)."""
    return f"trawl:access:counting:{key_id}"


def views(owner: str) -> str:
    """Saved views of an owner (hash)."""
    return f"trawl:access:views:{owner}"


def shares(project_id: str) -> str:
    """Share links of a project (zset, end s)."""
    return f"trawl:access:shares:{project_id}"


def share(digest: str) -> str:
    """A share link (hash)."""
    return f"trawl:access:share:{digest}"


def login_link(digest: str) -> str:
    """A link that logs somebody in once (string)."""
    return f"trawl:access:login:{digest}"
