"""The commands of `manage.py`: a file per group. Each parses, makes one call and prints; heavy imports wait for the call."""

from processes import streams

streams.open_missing()  # before anything asks whether a terminal reads it
