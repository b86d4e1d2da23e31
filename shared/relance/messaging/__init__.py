"""Outbox, inbox and the carrier between them: the database remembers, the carrier only carries."""
