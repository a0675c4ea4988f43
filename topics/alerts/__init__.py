"""Alerts: what is wrong becomes an incident, each is told once and again when it is over, and a digest says what is open."""
