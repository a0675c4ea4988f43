"""The sites of businesses whose pages were scraped: which there are, and which scrape holds what is known of each."""
