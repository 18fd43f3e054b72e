# The two commands of a newcomer: `make run` and `make test`. Needs Python 3.11 and make, nothing else.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types floors unit selftest bench browser

help:            ## say what can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ \t/' | expand -t 14

setup: $(STAMP)  ## create .venv with the locked dependencies

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: $(STAMP)    ## certify the built-in payments mock: the main job
	$(BIN)/dpi-conformance run payments

test: lint types floors unit  ## everything that must hold

lint: $(STAMP)   ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## mypy --strict
	$(BIN)/mypy

floors: $(STAMP) ## import-linter: imports go down only
	$(BIN)/lint-imports

unit: $(STAMP)   ## pytest on all cores; its summary is the last line
	$(BIN)/pytest -n auto

selftest: $(STAMP)  ## prove that each fault of every mock is caught by the check that it names: eight minutes on two cores
	$(BIN)/dpi-conformance selftest

bench: $(STAMP)  ## measure speed, memory and growth; writes benchmarks/results.md
	$(BIN)/python -m benchmarks

browser:         ## install Debian's Chromium, with which a test looks at the report (as root)
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends chromium fonts-noto-core; }
