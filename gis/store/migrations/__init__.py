"""The steps by which the tables of the records came to be; run by Alembic when the store is opened."""
