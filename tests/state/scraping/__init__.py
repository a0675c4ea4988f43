"""Tests of turns at hosts, breakers and robots.txt in Redis."""
