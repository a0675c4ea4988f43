"""Sites of businesses: their telling pages, and questions about them."""

from collections.abc import Sequence
from typing import Any

import queues
from topics.business import insights, scrape


@queues.job(queue="default", kind="business", timeout_s=900, retries=3, pages=1)
def scrape_business(url: str, pages: Sequence[str] = ()) -> dict[str, Any]:
    """Scrape the telling pages of a site as one batch; what they say is kept under the id of the job, and by the site's name."""
    return scrape.run(url, pages)


@queues.job(queue="default", kind="business", timeout_s=900, retries=1)
def answer_questions(scrape_id: str, questions: Sequence[str]) -> dict[str, Any]:
    """Answer questions from the pages that a scrape of a site kept; each answer names its page and passage."""
    return insights.run(scrape_id, questions)
