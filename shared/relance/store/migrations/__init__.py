"""The chain of migrations: expand first, contract a release later."""
