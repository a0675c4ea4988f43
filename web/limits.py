"""How large a request may be: the paths that take a file, and how large that may be."""

import config

#: Paths where a request may bring a file, larger than WEB_MAX_BODY_KB.
UPLOADS = frozenset(
    {
        *("/api/v1/keywords/import", "/keywords/import", "/api/v1/companies/import", "/leads/import"),
        *("/api/v1/import", "/transfer/import"),
    }
)

#: Those of them that take an export.
IMPORTS = frozenset({"/api/v1/import", "/transfer/import"})


def too_large(path: str) -> str:
    """What a request to this path is told whose body is larger than that."""
    values = config.settings()
    if path in IMPORTS:
        return (
            f"The file is larger than WEB_MAX_IMPORT_MB={values.web_max_import_mb} allows: set that higher, "
            "or import it on the machine itself with `import`."
        )
    if path in UPLOADS:
        return (
            f"The file is larger than WEB_MAX_UPLOAD_MB={values.web_max_upload_mb} allows: send it in parts, or set that higher."
        )
    return f"The request is larger than WEB_MAX_BODY_KB={values.web_max_body_kb} allows: send it in parts, or set that higher."


def upload_bytes(path: str) -> int:
    """The largest file that a request to this path may bring."""
    values = config.settings()
    return (values.web_max_import_mb if path in IMPORTS else values.web_max_upload_mb) << 20
