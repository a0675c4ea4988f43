"""Who receives the mail of a company, where the name servers may be asked (LEADS_DNS)."""

import ipaddress

import clock
import config
from clients import dns
from lead_models import Fact
from parsing import mail_hosts
from topics.leads import fields

SOURCE = "dns"


def facts(domain: str) -> dict[str, Fact]:
    """The mail servers of a domain and their provider; nothing where none may be asked for. Raises Unreachable."""
    if not config.settings().leads_dns or not domain or _is_address(domain):
        return {}
    hosts = dns.mail_hosts(domain)
    if not hosts:
        return {}
    at_ms = round(clock.now().timestamp() * 1000)
    found = {fields.MX: Fact(value=hosts, source=SOURCE, at_ms=at_ms, snippet=f"MX of {domain}")}
    if provider := mail_hosts.provider(hosts):
        found[fields.MAIL_PROVIDER] = Fact(value=provider, source=SOURCE, at_ms=at_ms, snippet=f"MX of {domain}: {hosts[0]}")
    return found


def _is_address(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return False
    return True
