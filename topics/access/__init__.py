"""Who may ask: API keys, people and their sessions, how much of each, and what was changed by whom."""
