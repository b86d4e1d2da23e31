"""A past ledger replayed day by day under a plan, with the real scheduler (F42)."""
