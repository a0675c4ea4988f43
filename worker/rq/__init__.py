"""What RQ's own tools need to see and to steer our workers."""
