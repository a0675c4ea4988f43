"""What RQ's own tools need to see and to control Trawl's workers."""
