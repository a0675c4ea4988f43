"""Export and import of all that a user owns, and backups of a whole store."""
