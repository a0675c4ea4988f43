"""Running Trawl on one machine: the embedded server, its processes, `manage.py up` and the demo."""
