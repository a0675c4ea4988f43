"""Alerts: incidents, what was told of them, and what is to be told to whom."""
