"""What a job was asked to do, for people: its arguments by their names, without secrets."""

from collections.abc import Mapping
from typing import Any

import logs
import queues
from errors import DataError
from state.engine import jobs, payload
from state.scraping.ledgers import Ledger
from state.store import connection
from topics.operations import ledger_jobs
from topics.operations.job_records import Job
from topics.scraping import config as configs

#: Arguments of more bytes are not shown.
MOST_BYTES = 32 * 1024

HIDDEN = "***"

#: What an option is called that is a secret, or holds some.
SECRET = ("authorization", "cookie", "password", "secret", "token", "api_key", "apikey")


def raw(job: Job) -> dict[str, Any] | None:
    """The same with its secrets: nobody is shown them. None as for `of`."""
    with connection.errors_translated():
        ledger = ledger_jobs.ledger_of(job)
        return _of_ledger(ledger) if ledger else _of_data(jobs.data_of(job.id))


def known(ledger: Ledger | None, data: bytes) -> dict[str, Any] | None:
    """The same without secrets, where its ledger or its call was read already."""
    found = _of_ledger(ledger) if ledger else _of_data(data)
    return None if found is None else shown(found)


def shown(found: dict[str, Any]) -> dict[str, Any]:
    """Arguments without their secrets."""
    return {name: _shown(name, value) for name, value in found.items()}


def of(job: Job) -> dict[str, Any] | None:
    """The arguments of a job; of a batch or crawl its address and options.

    None where its record is gone, is none of this version, or has more than 32 KiB of them. Reads only.
    """
    found = raw(job)
    return None if found is None else shown(found)


def _of_ledger(ledger: Ledger) -> dict[str, Any]:
    options = configs.load(ledger.fields["config"]).model_dump(mode="json", exclude_defaults=True)
    return {**({"url": ledger.fields["url"]} if ledger.fields.get("url") else {}), "config": options}


def _of_data(data: bytes) -> dict[str, Any] | None:
    if not data or len(data) > MOST_BYTES:
        return None
    try:
        path, args, kwargs = payload.of_job(data)
        return payload.bind(queues.function(path), path, args, kwargs)
    except DataError:
        return None


def _shown(name: str, value: Any) -> Any:
    """A value without secrets: of headers only the names are shown."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if name == "headers" else _shown(str(key), one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(name, one) for one in value]
    if value and any(word in name.lower() for word in SECRET):
        return HIDDEN
    return logs.redact(value) if isinstance(value, str) else value
