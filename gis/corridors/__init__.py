"""Ecological corridors: how wide they are, and what is left of them. Pure geometry in the working plane."""
