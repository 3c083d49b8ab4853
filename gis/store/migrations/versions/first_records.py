"""Inputs, results and their sites, records and their files."""

import sqlalchemy as sa
from alembic import op

from gis.store.models import SiteGeometry, UtcTime

revision = "0001"
down_revision = None

VERDICTS = ("prohibited", "restricted", "approval_needed", "attention", "undetermined", "clear")


def upgrade() -> None:
    """Make the tables; PostGIS first where it is PostgreSQL."""
    postgis = op.get_bind().dialect.name == "postgresql"
    if postgis:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.create_table(
        "inputs",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_inputs"),
    )
    op.create_table(
        "results",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sites", sa.Integer, nullable=False),
        *(sa.Column(verdict, sa.Integer, nullable=False) for verdict in VERDICTS),
        sa.PrimaryKeyConstraint("id", name="pk_results"),
        sa.UniqueConstraint("check_id", "digest", name="uq_results_check_id_digest"),
    )
    op.create_index("ix_results_check_id", "results", ["check_id"])
    op.create_table(
        "result_sites",
        sa.Column("result_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("site_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("verdict", sa.String(32), nullable=False),
        sa.Column("geometry", SiteGeometry),
        sa.PrimaryKeyConstraint("result_id", "position", name="pk_result_sites"),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name="fk_result_sites_result_id"),
    )
    if postgis:
        op.execute("CREATE INDEX ix_result_sites_geometry ON result_sites USING gist (geometry)")
    op.create_table(
        "records",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("result_id", sa.Integer, nullable=False),
        sa.Column("asked_at", UtcTime, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name="fk_records_result_id"),
    )
    op.create_index("ix_records_result_id", "records", ["result_id"])
    op.create_index("ix_records_asked_at", "records", ["asked_at"])
    op.create_table(
        "record_files",
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "position", name="pk_record_files"),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_record_files_record_id"),
        sa.ForeignKeyConstraint(["sha256"], ["inputs.sha256"], name="fk_record_files_sha256"),
    )
    op.create_index("ix_record_files_sha256", "record_files", ["sha256"])


def downgrade() -> None:
    """Remove the tables; the extension stays."""
    for table in ("record_files", "records", "result_sites", "results", "inputs"):
        op.drop_table(table)
