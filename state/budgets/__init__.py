"""Budgets: limits of scopes, what is reserved and spent of them in a month, and the ledger."""
