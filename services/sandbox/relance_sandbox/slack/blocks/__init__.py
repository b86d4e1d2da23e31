"""Block Kit: what is allowed where, and what its inputs hold."""
