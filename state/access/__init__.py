"""Who may ask: API keys, people, their sessions, how often and how much they may ask, and what they changed."""
