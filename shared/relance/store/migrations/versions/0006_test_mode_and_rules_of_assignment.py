"""test mode: all mail goes to one address; rules give plans to customers"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organisations", sa.Column("test_address", sa.Text(), nullable=False, server_default="")
    )
    op.create_table(
        "assignment_rules",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("plans.id"), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), sa.ForeignKey("profiles.id")),
        sa.UniqueConstraint(
            "organisation_id",
            "position",
            name=op.f("uq_assignment_rules_organisation_id_position"),
        ),
        info={"writer": "scheduler"},
    )


def downgrade() -> None:
    op.drop_table("assignment_rules")
    op.drop_column("organisations", "test_address")
