"""Reports about companies: what is known of them, how good it is, how it changes; each figure with the query that makes it."""
