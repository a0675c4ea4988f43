"""The server: connections to it, scripts on it, its keys."""
