"""The tutorial: one idea a test, in reading order, through the functions a user calls. Edge cases live elsewhere."""
