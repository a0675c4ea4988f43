"""Sites that were scraped: the list of them, and all that is known of one."""

from typing import Any

import errors
from state.business import sites
from state.store import connection
from topics.business.scrape import name_of
from topics.scraping import stored


def find(site_name: str, owner: str | None = None) -> sites.Known:
    """A site by its host or an address of it. `owner`: None = whoever scraped it. Raises NotFound, which says what to do."""
    try:
        name = name_of(site_name)
    except errors.DataError:
        name = ""
    with connection.errors_translated():
        known = sites.get(name, owner) if name else None
    if known is None:
        raise errors.NotFound(
            f"No pages of {site_name!r:.100} are kept: scrape them first, with `business scrape URL` or POST /scrape/business."
        )
    return known


def listed(owner: str | None, after: str = "", limit: int = 100) -> tuple[list[sites.Known], str]:
    """Sites by name from the cursor on, and the next cursor; "" = there are no more."""
    with connection.errors_translated():
        return sites.some(owner, after, limit)


def show(site_name: str, owner: str | None = None) -> dict[str, Any]:
    """All that is known of a site: name, contacts with their evidence, pages without their texts. Raises NotFound."""
    known = find(site_name, owner)
    with connection.errors_translated():
        found = stored.result(known.job)
    if found is None:
        raise errors.NotFound(f"The pages of {known.site} are not kept any more (RESULT_DAYS): `business scrape {known.site}`.")
    pages = [{name: value for name, value in page.items() if name != "text"} for page in found["pages"]]
    return {**found, "pages": pages, "job": known.job, "owner": known.owner}
