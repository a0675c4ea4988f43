"""The sandbox: a local SERP provider that speaks Scrape.do's protocol, for trying the system out and for its tests.

Its result pages look like Google's of 2026, but who ranks where is invented; each page says so. It costs nothing and needs no
network. `server.serve` runs it, `server.Sandbox` is the same inside a test.
"""
