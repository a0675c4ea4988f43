"""Form discovery: the pages with forms of a network, and what each form is made of."""

from typing import Any

import queues
from topics.forms import discovery, views

#: A network may take an hour.
LONG_S = 3600


@queues.job(queue="default", kind="forms", timeout_s=LONG_S, retries=1, dedup_key="discover-forms:{project_id}-{network_id}")
def discover_form_pages(
    network_id: int, company_id: int, product_id: int, user_id: int, project_id: int = 0, session_id: int = 0
) -> dict[str, Any]:
    """Crawl a network for pages with forms, and keep them; how many there are. Only its login form is ever submitted."""
    return discovery.run(network_id)


@queues.job(queue="default", kind="forms", timeout_s=600, retries=1, dedup_key="analyze-form:{form_page_id}-{company_id}")
def analyze_form_details(form_page_id: int, company_id: int) -> dict[str, Any]:
    """Say of each form of a page: fields, purposes, what is required, steps, tokens and captchas."""
    return views.details(views.page_named(form_page_id), company_id)
