"""The engine around a job: its registration, its submission, and what a running job can ask."""
