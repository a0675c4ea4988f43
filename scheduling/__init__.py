"""Periodic work as it is stored: what an entry of the schedule means, and what is wrong with it. The loop is scheduler.py's."""
