"""The web process: the HTTP API and the pages. Parse, one call, serialise; what a route does is done in `topics/`."""
