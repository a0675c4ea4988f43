"""Periodic work: what an entry of the schedule is, and what becomes of it when it is due."""
