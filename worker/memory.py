"""How much memory this process uses."""

import logging
import os
import resource
import sys
from pathlib import Path

log = logging.getLogger("trawl.worker")


def exceeds(limit_mb: float) -> bool:
    """Whether this process uses more memory than `limit_mb` (0 = no limit); says so in the log."""
    if not limit_mb or rss_mb() <= limit_mb:
        return False
    log.warning("This process uses more than %d MB: it ends after its jobs and is replaced", limit_mb)
    return True


def rss_mb() -> float:
    """Memory of this process in MB; its peak where the system does not tell the present one."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
