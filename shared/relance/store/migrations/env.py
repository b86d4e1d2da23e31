"""Alembic's entry: it runs on the connection that `relance.store.schema` hands over."""

from typing import Any, Literal

from alembic import context

from relance.store.tables import metadata
from relance.store.types import Instant


def plain_types(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Migrations name no type of ours: those may change, what was migrated may not."""
    if kind == "type" and isinstance(value, Instant):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    render_item=plain_types,
)
context.run_migrations()
