"""A language model for the other topics: asked within the budgets, with what pages say as data and never as instructions.

    request = llm.Request((llm.Message("user", f"What is sold here?\\n{data.text}"),), system=data.rule)
    reply = llm.ask(request, purpose="insights", scopes=("project:4k2j",))

`ask` is None where no model is configured: then things are read by rules.
"""

from clients.llm import Message, Reply, Request
from topics.llm.asking import Told, ask, is_configured, try_to_ask
from topics.llm.fences import Fenced, fenced
from topics.llm.pages import digest, extract, summarize

__all__ = [
    "Fenced",
    "Message",
    "Reply",
    "Request",
    "Told",
    "ask",
    "digest",
    "extract",
    "fenced",
    "is_configured",
    "summarize",
    "try_to_ask",
]
