"""Form discovery: which forms a site has, on which pages, and what changed since the last look."""
