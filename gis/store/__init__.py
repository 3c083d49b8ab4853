"""The records of an office: every check that was asked for, kept before it is answered."""
