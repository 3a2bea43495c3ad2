# make up      start the console (first time: creates its environment)
# make demo    the main job from the terminal
# make test    everything: unit, real servers, real browser
# make check   linters, types, architecture
# make bench   measurements beside named peers

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
# The order of the tests and the examples of the properties: two runs of one commit are the same
# run, so that a failure tells of the change. Another seed shuffles anew: make test SEED=$$RANDOM
SEED ?= 1
RUN := $(VENV)/bin/python

.PHONY: up demo test check bench format clean

up: $(VENV)/.console
	@exec $(RUN) manage.py up

demo: $(VENV)/.console
	@exec $(RUN) manage.py demo

test: $(VENV)/.tests
	$(RUN) -m pytest --randomly-seed=$(SEED) --hypothesis-seed=$(SEED)

check: $(VENV)/.tests
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint --lint --quiet templates
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py check --fail-level WARNING

bench: $(VENV)/.tests
	$(RUN) -m bench

format: $(VENV)/.tests
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/djlint --reformat --quiet templates

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 is needed: install python3.11 (Debian: apt install python3.11 python3.11-venv)" \
	       "or name it: make up PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing (Debian: apt install python3.11-venv)" >&2; exit 1; }
	@echo "creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.console: requirements.txt | $(VENV)/bin/python
	@echo "installing the console (once, about a minute) ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.tests: tests/requirements.txt $(VENV)/.console
	@echo "installing what the tests need ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
