# Hutong. `make` lists what there is.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
  && echo $$p && exit; done; echo python3)
UV ?= uv
ARGS ?=
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header pyproject.toml tools/build-tools.in

.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz faults mutants bench lint lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

setup: ## Make .venv with the command .venv/bin/hutong, and fetch Kafka
	@$(PYTHON) tools/setup.py

demo: setup ## Start everything, send in reports and show what happened (ARGS=--exit ends it)
	@.venv/bin/hutong demo $(ARGS)

test: ## Set up for development and run the tests (ARGS=tests/unit for some of them)
	@$(PYTHON) tools/setup.py --dev
	@.venv/bin/pytest $(ARGS)

fuzz: ## Attack the codec with a million inputs (ARGS="--count 1000 --seed 7")
	@$(PYTHON) tools/setup.py --dev
	@.venv/bin/python -m tests.fuzz.codec $(ARGS)

bench: ## Measure router and projections, beside peers, and write bench/RESULTS.md (ARGS=--short)
	@$(PYTHON) tools/setup.py --dev
	@.venv/bin/python -m bench $(ARGS)

faults: ## Attack delivery on three brokers (ARGS="F3 F4 --times 10 --seed 7"), see docs/faults.md
	@$(PYTHON) tools/setup.py --dev
	@.venv/bin/python -m tests.faults.run $(ARGS)
	@.venv/bin/python tools/faults_doc.py

mutants: ## Break our own code on purpose; a test must turn red for each
	@$(PYTHON) tools/setup.py --dev
	@.venv/bin/python -m tests.faults.mutants

lint: ## Check style, types and imports
	@$(PYTHON) tools/setup.py --dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

lock: ## Pin every package anew, with hashes (needs uv: pip install uv)
	@$(COMPILE) --extra all --output-file requirements.lock
	@$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove .venv, caches and builds; the data in .hutong stays (hutong down --wipe)
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.hutong/*' -prune -exec rm -rf {} +
