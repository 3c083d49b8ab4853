"""Run by Alembic on the connection that ``gis.store.database.migrate`` opened."""

from alembic import context

from gis.store.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
