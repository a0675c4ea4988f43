"""The field `webhook` of a submission: who is told what becomes of it."""

import secrets
from contextlib import ExitStack
from typing import Any, Literal

from pydantic import Field, ValidationError

import models
from errors import DataError
from topics import webhooks
from topics.operations.repeats import Submit
from web.errors import Field as WrongField
from web.errors import Problem, refuse_fields
from web.models import Strict


class WebhookBody(Strict):
    """Who is told, and of what."""

    url: str = Field(max_length=2000, description="Where it is sent: http or https, a public address.")
    headers: dict[str, str] = Field({}, description="Sent with each delivery.")
    metadata: dict[str, Any] = Field({}, description="Sent in each body as it is.")
    events: list[Literal["started", "page", "completed", "failed", "cancelled"]] | None = Field(
        None, min_length=1, description="Default: the end, whichever it is."
    )
    style: Literal["trawl", "firecrawl"] = "trawl"


#: An address alone, or with its options.
Given = str | WebhookBody


class Telling:
    """What submits with a webhook. The webhook is written down before the submit, so that nothing is missed."""

    def __init__(self, given: Given, submit: Submit) -> None:
        self._submit, self._written = submit, ""
        self.body = _of_address(given) if isinstance(given, str) else given
        self.warnings: tuple[str, ...] = ()
        try:
            webhooks.check(*self._parts)
        except DataError as exc:
            raise Problem(422, str(exc), fields=[WrongField("webhook", str(exc))], code="invalid") from None

    def submit(self, job_id: str | None) -> models.Submission:
        """Register the webhook, and submit. Where that fails nobody is told."""
        job_id = job_id or secrets.token_hex(16)
        with ExitStack() as undo:
            self._register(job_id)
            undo.callback(webhooks.forget, job_id)
            made = self._submit(job_id)
            if made.job_id == job_id:
                undo.pop_all()
        self.see_to(made)
        return made

    def see_to(self, made: models.Submission) -> None:
        """Have it told of the job that does the work, which may be another one."""
        if made.job_id != self._written:
            self._register(made.job_id)

    def _register(self, job_id: str) -> None:
        self.warnings = webhooks.register(job_id, *self._parts)
        self._written = job_id

    @property
    def _parts(self) -> tuple[str, dict[str, str], dict[str, Any], list[str] | None, str]:
        events = None if self.body.events is None else [str(event) for event in self.body.events]
        return self.body.url, self.body.headers, self.body.metadata, events, self.body.style


def _of_address(url: str) -> WebhookBody:
    try:
        return WebhookBody.model_validate({"url": url})
    except ValidationError as exc:
        refuse_fields(exc, below="webhook")
