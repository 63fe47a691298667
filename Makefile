# Every target does its own set-up: a virtual environment in .venv, pinned versions from requirements/*.txt.
PYTHON ?= python3
BIN := .venv/bin
ONLY ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test test-live bench screenshots check format lock clean
.DELETE_ON_ERROR:

demo: .venv/run.stamp          ## the app on a simulated data team: no account, no network
	@$(BIN)/collabtui demo

test: check                    ## lint, types, house rules, tests
	@$(BIN)/python -m pytest -n 2 -m "not live"

check: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > .venv/imports.txt || { cat .venv/imports.txt; exit 1; }

test-live: .venv/dev.stamp     ## against real Airflow servers and behind Jira's own API description
	@$(BIN)/python -m pytest -m live

bench: .venv/dev.stamp         ## the budgets; ONLY=sync runs one
	@$(BIN)/python -m benchmarks $(ONLY)

screenshots: .venv/dev.stamp   ## redraw screenshots/*.svg from the running app
	@$(BIN)/python -m tests.screenshots

format: .venv/dev.stamp
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .

lock: .venv/dev.stamp          ## pin what pyproject.toml asks for (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --no-annotate pyproject.toml -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --no-annotate pyproject.toml --group dev -o requirements/dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "collabtui needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "setting up .venv (once)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps -e .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
