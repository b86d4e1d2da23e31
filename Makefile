# Every target sets up what it needs: Python 3.11 or newer and make are enough.
# ARGS goes through: make demo ARGS="--headless --days 30", make test ARGS="-k calendar".
.DEFAULT_GOAL := help
.PHONY: help demo test check format bench soak lock clean
ARGS =
BIN = .venv/bin

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: ## the whole system with a sample company, on one page
	@scripts/setup demo
	@$(BIN)/relance demo $(ARGS)

test: ## every test, on SQLite and on a real PostgreSQL
	@scripts/setup dev
	@$(BIN)/pytest --numprocesses=auto --maxprocesses=4 $(ARGS)

check: ## format, lint, types, import contracts
	@scripts/setup dev
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy shared services tests
	@$(BIN)/lint-imports --no-logo

format: ## format, and mend what lint can mend
	@scripts/setup dev
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: ## measure, and write docs/performance.md; ARGS="sweep dispatch" measures only these
	@scripts/setup bench
	@$(BIN)/python -m tests.benchmarks $(ARGS)

soak: ## hours: properties and proofs with many more examples, storms, a long working day
	@scripts/setup dev
	@$(BIN)/pytest -m "hypothesis or proof or soak" --hypothesis-profile=thorough --numprocesses=auto $(ARGS)

lock: ## choose versions anew within pyproject.toml's bounds; ARGS=--upgrade takes the newest
	@scripts/setup dev
	@scripts/lock $(ARGS)

clean: ## remove what the targets above made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks build dist
	find shared services tests -name __pycache__ -prune -exec rm -rf {} +
