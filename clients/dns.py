"""Names asked of the name servers of this machine: who receives the mail of a domain. The library is loaded by who asks."""

import functools
from typing import TYPE_CHECKING

import errors

if TYPE_CHECKING:
    import dns.resolver

#: One question may take so long (s), its tries at several servers together.
TIMEOUT_S = 5.0

MOST_HOSTS = 20


def mail_hosts(domain: str, timeout_s: float = TIMEOUT_S) -> list[str]:
    """The hosts that receive mail for a domain, the preferred first; [] where none does.

    A domain that says so by a record without a name (RFC 7505) has none. Raises Unreachable where nobody answers in time, and
    DataError for what is no domain.
    """
    import dns.exception
    import dns.resolver

    name = domain.rstrip(".")
    try:
        found = _resolver().resolve(f"{name}." if name else "..", "MX", lifetime=timeout_s, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration, OSError) as exc:
        raise errors.Unreachable(
            f"The mail servers of {domain:.100} cannot be looked up now ({type(exc).__name__}): check the name servers of this "
            "machine, or set LEADS_DNS=false."
        ) from None
    except (dns.exception.DNSException, UnicodeError):
        raise errors.DataError(f"{domain!r:.100} is no domain: nobody can be asked for it.") from None
    ordered = sorted((one.preference, one.exchange.to_text(omit_final_dot=True).lower()) for one in found)
    return list(dict.fromkeys(host for _, host in ordered if host not in ("", ".")))[:MOST_HOSTS]


@functools.cache
def _resolver() -> "dns.resolver.Resolver":
    import dns.resolver

    return dns.resolver.Resolver()
