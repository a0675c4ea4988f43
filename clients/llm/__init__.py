"""A language model behind Anthropic messages or OpenAI-compatible chat, asked over plain HTTP. `configured` gives its client.

Scraped text is data: it goes between fences that it cannot know (`topics/llm`), and what comes back is held against a schema.
"""

from collections.abc import Callable

import config
import errors
from clients.llm.anthropic import Anthropic
from clients.llm.calls import Line
from clients.llm.client import Client
from clients.llm.messages import Message, Reply, Request
from clients.llm.openai import OpenAI
from clients.llm.protocols import Wire

__all__ = ["Client", "Message", "Reply", "Request", "configured"]

WIRES: dict[str, Callable[[], Wire]] = {"anthropic": Anthropic, "openai": OpenAI}


def configured() -> Client | None:
    """The client of the settings; None where they name neither a key nor an address.

    Raises ConfigError for settings that cannot work, with the remedy.
    """
    settings = config.settings()
    key = settings.llm_api_key.get_secret_value().strip() if settings.llm_api_key else ""
    if not key and not settings.llm_base_url:
        return None
    if not settings.llm_model:
        raise errors.ConfigError("LLM_MODEL is not set: name the model that is asked, beside LLM_API_KEY or LLM_BASE_URL")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise errors.ConfigError("LLM_API_KEY holds what no key has (a space, a letter of another script): copy it anew")
    wire = WIRES[settings.llm_api]()
    base_url = settings.llm_base_url or wire.default_url
    return Client(Line(wire, base_url, settings.llm_api_key, settings.llm_model, settings.llm_timeout), settings)
