"""Data sets: open, verify, rebuild."""
