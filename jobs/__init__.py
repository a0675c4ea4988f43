"""The work: one file per topic, each function under `@queues.job` is a job. A file put here is found by itself."""
