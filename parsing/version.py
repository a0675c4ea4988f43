"""Which rules read a page: stored with every check, so that `serp reparse` can tell what it would read anew."""

#: Raise it with every change of a rule in parsing/serp*.py.
VERSION = "2026-11.2"
