# govseal: `make` shows what there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Tests wait for processes of theirs most of the time: twice as many at once as there are processors.
WORKERS ?= $(shell n=$$((2 * $$(nproc))); echo $$((n > 8 ? 8 : n)))
# No package runs a script of its own; `npm ci` fails where a registry lacks other platforms' packages.
# `--no-save`: it would write package-lock.json anew each time, and the next `make` install everything again.
NPM_FLAGS := --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
# Node trusts whom the system trusts, as pip and git do.
export NODE_USE_SYSTEM_CA := 1

# What was removed by hand is installed anew.
$(shell [ -e $(BIN)/govseal ] || rm -f .setup-server .setup-dev; [ -d node_modules ] || rm -f .setup-node .setup-node-dev; \
  [ -d build/fonts ] && [ -d build/static ] || rm -f .setup-assets)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test lint format bench soak vectors screenshots clean lock

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .setup-assets  ## Install what the platform needs into this folder
setup-dev: .setup-dev .setup-assets

demo: setup  ## Run a country's verification platform on this machine (ARGS=--once: check and end)
	@$(BIN)/govseal demo $(ARGS)

test: setup-dev  ## Run every test
	@.ci/debian
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup-dev  ## Check style, types and architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup-dev  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup-dev  ## Measure against the npm packages in the same run (long; ARGS=--quick for some minutes, ARGS=MODULE for one part)
	@$(BIN)/python -m bench $(ARGS)

soak: setup-dev  ## Run the property tests for long
	@GOVSEAL_SOAK=1 $(BIN)/pytest -n 2 tests/core tests/conformance tests/chaos tests/soak $(ARGS)

vectors: setup-dev  ## Make vectors/ anew
	@$(BIN)/python vectors/generate.py

screenshots: setup-dev  ## Take pictures of the pages into docs/img
	@.ci/debian
	@$(BIN)/python tests/browser/screenshots.py

lock: setup-dev  ## Make the lock files anew from pyproject.toml
	@$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --extra server pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --extra server --extra dev pyproject.toml -o requirements-dev.lock

clean:  ## Remove what was built, and the demonstration's data
	@rm -rf $(VENV) node_modules build var .setup-*

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "govseal needs Python 3.11 or later; $(PYTHON) is older."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment. Install it: apt-get install python3-venv"; exit 1; }

.setup-server: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Python packages (the first time takes some minutes) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.setup-dev: requirements-dev.lock .setup-server .setup-node-dev
	@echo "Installing development packages …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.setup-node: package.json package-lock.json .setup-server
	@echo "Installing npm packages …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm install --omit=dev $(NPM_FLAGS) >/dev/null
	@touch $@

.setup-node-dev: package.json package-lock.json .setup-node
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm install $(NPM_FLAGS) >/dev/null
	@touch $@

.setup-assets: .setup-node $(shell find browser countries src/govseal/web -type f -not -path '*/build/*' -not -name '*.mo' -not -name '*.pyc' 2>/dev/null)
	@$(BIN)/govseal assets
	@touch $@
