"""How large a request may be: the paths that take a file, and how large that may be."""

import config

#: Paths where a request may bring a file, larger than WEB_MAX_BODY_KB.
UPLOADS = frozenset({"/api/v1/keywords/import", "/keywords/import", "/api/v1/companies/import", "/leads/import"})


def too_large(path: str) -> str:
    """What a request to this path is told whose body is larger than that."""
    values = config.settings()
    if path in UPLOADS:
        return (
            f"The file is larger than WEB_MAX_UPLOAD_MB={values.web_max_upload_mb} allows: send it in parts, or set that higher."
        )
    return f"The request is larger than WEB_MAX_BODY_KB={values.web_max_body_kb} allows: send it in parts, or set that higher."


def upload_bytes() -> int:
    """The largest file that a request may bring."""
    return config.settings().web_max_upload_mb << 20
