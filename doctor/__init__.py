"""Examination and repair of what runs, and the checks before a start."""
