"""Strangers' files as project sites."""
