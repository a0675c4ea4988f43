"""The version of the parsing rules. It is stored with every check, so `serp reparse` knows which pages to read again."""

#: Raise it with every change to a rule in parsing/serp*.py.
VERSION = "2026-11.4"
