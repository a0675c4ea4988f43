"""What a language model is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """A conversation to go on with. `schema`: a JSON schema that the answer has to keep to."""

    messages: tuple[Message, ...]
    system: str = ""
    max_tokens: int = 1000  # of the answer; LLM_MAX_TOKENS bounds it
    schema: Mapping[str, Any] | None = None
    timeout_s: float | None = None  # None: LLM_TIMEOUT


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Tokens and cost are those of all calls that it took: of the repair of an answer too."""

    text: str
    data: Any  # the value that keeps to the schema; None where none was asked for
    model: str  # as the server names it
    input_tokens: int | None  # those of caches included; None: the server did not say
    output_tokens: int | None
    cost_micro_usd: int  # rounded up; the upper bound where the server did not say its tokens
    is_cut_off: bool  # it reached max_tokens
    request_id: str | None
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the server counts them. None: it does not say, or says what cannot be."""

    input_tokens: int | None = None  # without those of the cache
    output_tokens: int | None = None
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    told_micro_usd: int = 0  # what the server says the call did cost; 0: it does not say

    @property
    def all_input(self) -> int | None:
        """All input tokens, those of the cache included."""
        return None if self.input_tokens is None else self.input_tokens + self.cache_read_tokens + self.cache_write_tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call brought, in the form that both protocols share."""

    text: str
    data: Any  # the argument of the tool, a text where it was sent as one; None where none was called
    model: str
    usage: Usage
    is_cut_off: bool
    refusal: str | None  # why the model does not answer
    request_id: str | None
    thoughts: str = ""  # what it thought, where the server says that beside the answer
