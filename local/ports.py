"""Ports of this machine that are free."""

import socket

from local import endpoint


def free_port() -> int:
    """A port that was free just now."""
    with socket.socket() as probe:
        probe.bind((endpoint.HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does; else TIME_WAIT counts as taken
        try:
            probe.bind((endpoint.HOST, port))
        except OSError:
            return False
    return True
