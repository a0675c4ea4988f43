"""Tests of what Redis remembers of tracking."""
