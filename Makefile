# Two commands matter: `make run` starts the product, `make test` checks all of it. Both do all set-up first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Some machines forbid Python to keep bytecode; every process of the product and of its tests would compile all anew.
unexport PYTHONDONTWRITEBYTECODE
# What waits for a real server, process or browser is tried once more where it fails, and the summary names it.
ONCE_MORE := --reruns 1 -rR

.PHONY: run test check database-tests process-tests browser-tests search bench evaluate screenshots format clean

run: $(VENV)/runtime
	$(BIN)/python -m deploy.local

test: check database-tests process-tests browser-tests

check: $(VENV)/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -m "not browser and not processes and not database" -n 4 --dist worksteal

database-tests: $(VENV)/development
	$(BIN)/pytest -m "database and not browser and not processes" -n 4 --dist worksteal $(ONCE_MORE)

process-tests: $(VENV)/development $(VENV)/browser
	$(BIN)/pytest -m processes $(ONCE_MORE)

browser-tests: $(VENV)/development $(VENV)/browser
	$(BIN)/pytest -m browser --timeout=300 $(ONCE_MORE)

# New examples for every property and state machine, for as long as it takes; not part of `make test`.
search: $(VENV)/development
	HYPOTHESIS_PROFILE=search $(BIN)/pytest -m hypothesis --timeout=3600

bench: $(VENV)/development $(VENV)/browser
	$(BIN)/python -m benchmarks

# How good recommendations are: invented populations with known truth, and logged runs. Ten minutes on two cores.
evaluate: $(VENV)/development
	$(BIN)/python -m benchmarks recommendations

screenshots: $(VENV)/development $(VENV)/browser
	$(BIN)/python -m docs.screenshots

format: $(VENV)/development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Countersign needs Python 3.11 or later; set PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# A browser for the tests: one that is installed, else Playwright's own, else the distribution's.
$(VENV)/browser: $(VENV)/development
	$(BIN)/python -m tests.browser.find || $(BIN)/python -m playwright install --with-deps chromium || \
	  (apt-get update -qq && apt-get install -y -qq chromium)
	$(BIN)/python -m tests.browser.find
	@touch $@
