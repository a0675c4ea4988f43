"""What scraping remembers in Redis: batches and crawls, kept pages, turns at hosts, breakers, robots.txt."""
