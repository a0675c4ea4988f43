"""The Redis keys of alerts, with type and lifetime (`state/store/keys.py` has all others).

key                           type    lives
trawl:alerts:incidents        hash    permanent   what is wrong now, or was a while ago → the incident (JSON; incidents.py)
trawl:alerts:closed           list    90 days     incidents that are over (JSON), the newest first, 1,000 at most
trawl:alerts:events           list    90 days     openings, worsenings and recoveries (JSON), the newest first, 2,000 at most
trawl:alerts:untold           list    permanent   events that no message holds yet (JSON), 1,000 at most
trawl:alerts:left_out         string  permanent   events that were too many for that list
trawl:alerts:told             zset    1 hour      messages of the last hour → when they were made (ms)
trawl:alerts:looked           string  1 day       when somebody looked last (ms)
trawl:alerts:looking          string  1 min       somebody looks now, in place of the job
trawl:alerts:quiet            string  until then  nothing is told until then: until, note and actor (JSON)
trawl:alerts:digest:<day>     string  3 days      the digest of that day was made
trawl:alerts:message:<id>     string  8 days      a message (JSON; messages.py)
trawl:alerts:due              zset    permanent   `<message> <target>` → when it is tried next (ms)
trawl:alerts:sent             zset    8 days      `<message> <target>` → when it was made (ms), the newest 1,000
trawl:alerts:sent:<m> <t>     hash    8 days      what became of a message at a target (fields: messages.py)
"""

INCIDENTS = "trawl:alerts:incidents"
CLOSED = "trawl:alerts:closed"
EVENTS = "trawl:alerts:events"
UNTOLD = "trawl:alerts:untold"
LEFT_OUT = "trawl:alerts:left_out"
TOLD = "trawl:alerts:told"
LOOKED = "trawl:alerts:looked"
LOOKING = "trawl:alerts:looking"
QUIET = "trawl:alerts:quiet"
MESSAGE = "trawl:alerts:message:"
DUE = "trawl:alerts:due"
SENT = "trawl:alerts:sent"
DELIVERY = "trawl:alerts:sent:"

#: Incidents that are over and events are kept so long, messages so long (s).
KEEP_S, MESSAGES_S = 90 * 86400, 8 * 86400


def digest(day: str) -> str:
    """The digest of a day was made (string)."""
    return f"trawl:alerts:digest:{day}"


def message(message_id: str) -> str:
    """A message (string)."""
    return MESSAGE + message_id


def delivery(message_id: str, target: str) -> str:
    """What became of a message at a target (hash)."""
    return f"{DELIVERY}{message_id} {target}"
