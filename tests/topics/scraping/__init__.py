"""Tests of polite fetching."""
