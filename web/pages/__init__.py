"""Pages for people: server HTML that works without scripts. Each reads what a route and a command read, and shows it.

A file is a page, or what the buttons of one do (`…_changes.py`): `register(app)` names its addresses. Others hold rows and charts
of a page. What pages share: frame.py (layout, rights, messages), menu.py, tables.py (tables and their files), filters.py,
charts.py, words.py (figures as text), assets.py (files for browsers).
"""

import importlib
import pkgutil

from flask import Flask


def register(app: Flask) -> None:
    """Every file of this room that has a `register`."""
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{name}")
        if hasattr(module, "register"):
            module.register(app)
