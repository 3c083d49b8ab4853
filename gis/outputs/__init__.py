"""A result as files and words; nothing is computed here."""
