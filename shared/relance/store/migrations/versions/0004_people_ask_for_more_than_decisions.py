"""people ask for more than decisions on actions"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("member_id", sa.Uuid(), sa.ForeignKey("members.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_to", sa.JSON(), nullable=False),
        sa.Column("origin", sa.Text(), unique=True),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        info={"writer": "bot"},
    )
    op.create_index(
        "ix_requests_untold",
        "requests",
        ["taken_at"],
        postgresql_where=_UNTOLD,
        sqlite_where=_UNTOLD,
    )
    op.create_table(
        "request_answers",
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("requests.id"), primary_key=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        info={"writer": "scheduler"},
    )


def downgrade() -> None:
    op.drop_table("request_answers")
    op.drop_table("requests")
