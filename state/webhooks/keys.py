"""The Redis keys of webhooks, with type and lifetime (`state/store/keys.py` has all others).

key                            type    lives
trawl:webhooks                 set     permanent   standing endpoints
trawl:webhooks:secrets         hash    permanent   owner → the secret that signs what comes of its own submissions
trawl:webhooks:pending         zset    permanent   endpoint → when something of it is due next (ms)
trawl:webhooks:log             zset    8 days      delivery → when it was made (ms), the newest 10,000
trawl:webhooks:of:<id>         set     RESULT_DAYS endpoints that came with this job, batch or crawl
trawl:webhook:<id>             hash    permanent   an endpoint (fields: endpoints.py); RESULT_DAYS where it came with a submission
trawl:webhook:<id>:due         zset    8 days      delivery → when it is tried next (ms)
trawl:webhook:<id>:log         zset    8 days      its deliveries → when they were made (ms), the newest 1,000
trawl:webhook:<id>:roused      string  60 s        a job that sends is on its way
trawl:webhook:<id>:timer       string  until then  a job that sends comes back then (ms)
trawl:webhook:sent:<delivery>  hash    8 days      one delivery (fields: deliveries.py)
"""

ENDPOINTS = "trawl:webhooks"
SECRETS = "trawl:webhooks:secrets"
PENDING = "trawl:webhooks:pending"
LOG = "trawl:webhooks:log"
ENDPOINT = "trawl:webhook:"
DELIVERY = "trawl:webhook:sent:"

#: Deliveries are kept for so long (s).
KEEP_S = 8 * 86400


def of(job_id: str) -> str:
    """Endpoints that came with a submission (set)."""
    return f"trawl:webhooks:of:{job_id}"


def endpoint(endpoint_id: str, part: str = "") -> str:
    """An endpoint (hash), or a part of it."""
    return f"{ENDPOINT}{endpoint_id}:{part}" if part else ENDPOINT + endpoint_id


def delivery(delivery_id: str) -> str:
    """A delivery (hash)."""
    return DELIVERY + delivery_id
