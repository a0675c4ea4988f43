"""Periodic work: what an entry of the schedule is, what becomes of it when it is due, and what is wrong with it."""
