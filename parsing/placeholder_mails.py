"""E-mail addresses on pages that reach nobody: examples in forms, senders that read nothing, keys of error reporters."""

import re

from parsing import web_urls

UNREAD = re.compile(r"(?:no|do-?not|dont|never)-?reply|mailer-daemon|bounces?|unsubscribe")

#: What forms and templates show as an example (2026-11).
DOMAINS = frozenset({
    "example.com", "example.org", "example.net", "domain.com", "yourdomain.com", "mydomain.com", "site.com",
    "mysite.com", "yoursite.com", "website.com", "yourwebsite.com", "company.com", "yourcompany.com", "mycompany.com", "test.com",
    "sentry.io", "wixpress.com", "sentry-cdn.com", "address.com", "beispiel.de", "muster.de", "musterfirma.de", "exemple.fr",
})  # fmt: skip
NAMES = frozenset({
    "user", "username", "your", "youraddress", "your_email", "your_name", "xxx", "foo", "foobar",
    "name", "yourname", "your.name", "your-name", "you", "email", "youremail", "your-email", "your.email",
    "example", "test", "someone", "somebody", "firstname.lastname", "first.last", "john.doe", "johndoe", "jane.doe",
    "max.mustermann", "mustermann", "vorname.nachname", "nom.prenom", "prenom.nom",
})  # fmt: skip


def is_one(address: str, own_domain: str = "") -> bool:
    """Whether an address reaches nobody. `own_domain`: the registrable domain of the site, whose addresses are no examples.

    >>> [is_one(one) for one in ("No-Reply@acme.com", "you@email.com", "info@domain.com", "info@acme.com")]
    [True, True, True, False]
    >>> is_one("name@acme.com", "acme.com"), is_one("info@example.com", "example.com")
    (False, False)
    """
    local, _, host = address.lower().rpartition("@")
    domain = web_urls.site_of(host)
    if UNREAD.fullmatch(local.replace("_", "-").replace(".", "-")):
        return True
    return domain != own_domain and (domain in DOMAINS or local in NAMES)
