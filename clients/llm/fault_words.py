"""What servers of models say when they do not answer, and what it means."""

#: The statuses that types and codes of errors mean.
MEANS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "insufficient_quota": 402,
    "insufficient_user_quota": 402,
    "insufficient_balance": 402,
    "arrearage": 402,
    "budget_exceeded": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}

#: Statuses of a server that would answer, but not now.
BUSY = frozenset({429, 503, 529})

#: Codes that say more than the status they come with.
SAYS_MORE = (
    *("insufficient_quota", "insufficient_user_quota", "insufficient_balance", "arrearage"),
    *("budget_exceeded", "billing_error", "overloaded_error"),
)

#: Words of an error inside a 200 that has no code.
SAID = {"overloaded": 529, "rate limit": 429, "too many requests": 429, "at capacity": 503}

CREDIT_WORDS = (
    *("credit balance", "insufficient credits", "insufficient balance", "insufficient funds", "exceeded your current quota"),
    *("billing", "key limit exceeded", "out of credits", "no credits", "usage limits", "budget has been exceeded"),
    *("exceeded budget", "exceeded your budget", "over budget", "spend limit", "spending limit", "spending cap", "spend cap"),
)

#: Words of a refusal of the key that comes as another one.
KEY_WORDS = ("api key not valid", "invalid api key", "incorrect api key", "api key expired", "invalid authentication")

#: Statuses and words of a refusal that is about how an answer of a schema was asked for.
OF_WAY = frozenset({400, 404, 415, 422, 500, 501})
ABOUT_WAY = (
    "response_format",
    "json_schema",
    "json_object",
    "schema",
    "tool_choice",
    "tools",
    "tool use",
    "structured",
    "response format",
    "json mode",
    "`json`",
    "generate json",
    "function call",
    "tool calling",
    "grammar",
    "guided",
)

#: Words of a refusal of a system prompt: some models have no such role.
ABOUT_SYSTEM = ("system role", "role system", "'system'", '"system"', "system message", "developer instruction", "system prompt")

#: Words of a refusal because a text, or the answer that is allowed, is longer than the model can have.
TOO_LONG = (
    *("context length", "context_length", "context window", "maximum context", "prompt is too long", "input is too long"),
    *("input tokens exceed", "too many tokens", "reduce the length", "reduce your message size", "request too large"),
    *("maximum allowed number of output tokens", "max_tokens must be", "max_tokens is too large", "exceeds the model's maximum"),
    *("token limit", "larger than the maximum"),
)

#: Words and codes of a refusal by a filter in front of the model.
FILTERED = ("content management policy", "content_filter", "responsibleaipolicyviolation", "content policy", "flagged by")

#: Statuses of a gateway that stopped waiting: the model behind it may have answered.
GIVEN_UP = frozenset({504, 524})
