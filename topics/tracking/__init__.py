"""Rank tracking as people know it: projects and keywords, one check from page to rank, import, export, figures.

Used by the jobs and by every entry point; below it lie state/, clients/ and parsing/.
"""
