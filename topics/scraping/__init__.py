"""Scraping as a service: one page, a batch of pages, a site; politely."""
