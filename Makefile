# Two commands on a fresh machine: `make run` and `make test`. They need git, make, Python 3.11 or newer.

# the first interpreter that really runs and is new enough: a shim may be on the PATH and still not run
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python /usr/bin/python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# else every start, and there are many in the tests, would compile all sources anew
unexport PYTHONDONTWRITEBYTECODE

# pytest's own arguments: make test ARGS="tests/engine -k branch"
ARGS ?=

.PHONY: run test test-all check bench docs clean help
.DEFAULT_GOAL := help

help: ## show this
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t18

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Flowbot needs Python 3.11 or newer. Install it, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@test -w . || { echo "This folder cannot be written, and $(VENV) and .flowbot belong here: clone into one of your own."; exit 1; }
	@test -x $(BIN)/python -a -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python has no venv module here. On Debian or Ubuntu: apt-get install python3-venv (as root), then again."; exit 1; }
	@echo "setting up $(VENV): a minute or two, once ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' || { \
		echo "Not everything could be installed: is there a network, and a package index? Then the same command again."; exit 1; }
	@touch $@

run: $(READY) ## start everything with the example project; the last line is the simulator's address
	@exec $(BIN)/flowbot run --try

test: $(READY) ## the whole suite against a real Valkey
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not long" $(ARGS)

test-all: $(READY) ## the suite and the long crash, browser and cluster runs
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: $(READY) ## lint, format, types, import rules, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py
	$(BIN)/python -m flowbot.docs --check

docs: $(READY) ## write the generated docs anew
	$(BIN)/python -m flowbot.docs

bench: $(READY) ## measure, side by side with the floors
	$(BIN)/python -m bench

clean: ## remove what was set up and built; data in .flowbot/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
