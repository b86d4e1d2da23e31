"""SQLAlchemy Core on SQLite and PostgreSQL; rows become domain values here and nowhere else."""
