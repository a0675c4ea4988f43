"""What Redis remembers of webhooks: endpoints, and what they are to be told."""
