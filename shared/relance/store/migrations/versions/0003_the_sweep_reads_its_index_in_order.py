"""the sweep reads its index in order"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AWAKE = sa.text("wake_at IS NOT NULL")


def upgrade() -> None:
    _index("wake_at", "id")


def downgrade() -> None:
    _index("wake_at")


def _index(*columns: str) -> None:
    op.drop_index("ix_cases_awake", table_name="cases")
    op.create_index(
        "ix_cases_awake", "cases", columns, postgresql_where=_AWAKE, sqlite_where=_AWAKE
    )
