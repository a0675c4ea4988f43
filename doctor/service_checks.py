"""What `manage.py check` looks at outside: the provider, the language model, the storage."""

import os
import shutil
from pathlib import Path

import config
import errors
from clients import llm, storage
from clients import serp as providers
from topics.tracking import account

#: Below this the disk is as good as full.
LEAST_FREE_BYTES = 100 << 20


def provider(probe: bool) -> str:
    """Whether the provider knows the account, and what that has left."""
    provider = providers.make(config.settings())
    name = "SANDBOX: its results are invented" if provider.is_sandbox else provider.name
    if provider.is_sandbox and not probe:
        return name
    try:
        health = account.verify(provider)
    except errors.NetworkError as exc:
        if probe:
            raise
        return f"{name}. Warning: token and credits could not be asked for: {exc}"
    return f"{name}; {health.remaining_credits:,.0f} credits left, {health.concurrency} requests at once"


def language_model(probe: bool) -> str:
    """Whether the language model answers, where one is set."""
    client = llm.configured()
    if client is None:
        return "none: pages are read by rules (LLM_API_KEY)"
    priced = f"price: {client.price.source}"
    try:
        return f"{client.look()}; {priced}"
    except errors.DataError:  # a server without a list of models
        return f"{client.line.where} answers, and lists no models; {priced}"
    except errors.NetworkError as exc:
        if probe:
            raise
        return f"{client.line.where}; {priced}. Warning: it could not be asked: {exc}"


def stored_pages(probe: bool) -> str:
    """Whether what pages are stored in can be written to."""
    settings = config.settings()
    store = storage.make(settings)
    if isinstance(store, storage.LocalStore):
        _check_folder(settings.data_dir / "objects")
        return store.describe()
    look = store.verify if probe else store.look
    try:
        look()
    except errors.NetworkError as exc:
        if probe:
            raise
        return f"{store.describe()}. Warning: the bucket could not be asked: {exc}"
    return store.describe()


def _check_folder(folder: Path) -> None:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise errors.ConfigError(f"{there} is no folder: set DATA_DIR to one.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise errors.ConfigError(f"{there} cannot be written by this user: give it to them, or set DATA_DIR to another folder.")
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE_BYTES:
        raise errors.SystemFault(f"Only {free >> 20} MiB are free below {there}: free some, or set DATA_DIR to another disk.")
