"""rq-dashboard at /rq, for those who know it: its pages and scripts, over our own reading of Redis.

Its own way to Redis is not used. It unpickles what it finds, fails at what is broken, forgets dead workers while it looks, and
opens a connection for every page. So `rq_dashboard.web` gets our classes (looks.py) and its templates are escaped (templates.py).
Its changes go through our own functions or are refused (changes.py). Each request is checked first (guard.py).
"""

from web.dashboard.mount import register

__all__ = ["register"]
