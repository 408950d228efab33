# What one types here. `make` alone lists it; a machine needs Python 3.11 or newer, make and git.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
FLASK := PHX_ENV=demo $(BIN)/flask --app pentahelix
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-strip-extras $(if $(UPGRADE),--upgrade)

# One more than there are cores: much of what tests do is waiting for servers, browsers and commits.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

RUNTIME := .venv/.stamp-runtime
DEVELOPMENT := .venv/.stamp-development
STATIC := .venv/.stamp-static
COMPILED := .venv/.stamp-compiled
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard pentahelix/translations/*/LC_MESSAGES/*.po))

# Else each process that a test starts compiles anew what no other one has left behind.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo run install test faults pages bench lint types lock screenshots letters assets translations clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

help:  ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------------------- to use it

demo: $(RUNTIME) $(COMPILED)  ## The demo, web server and scheduler until Ctrl-C (PORT=8000, RESET=1 starts afresh)
	@exec env $(FLASK) demo serve --port $(PORT) $(if $(RESET),--reset)

# Without what was built, the sources are served, as one edits them.
run: $(RUNTIME) $(CATALOGUES)  ## The same while developing: reloads changed code (PORT=8000, RESET=1)
	@rm -rf var/static $(STATIC)
	@exec env $(FLASK) demo serve --reload --port $(PORT) $(if $(RESET),--reset)

install: $(RUNTIME) $(COMPILED)  ## What a server needs: packages, catalogues, built assets, compiled code and templates

# ---------------------------------------------------------------------------- to check it

test: $(DEVELOPMENT) $(CATALOGUES) $(STATIC)  ## Everything that a change must pass (ARGS= goes to pytest)
	@scripts/install_browser.sh
	@$(MAKE) lint types
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

# The same tests of faults as above, in the sizes for which there is time before something is released; with
# SIZE=whole in those for which a night is needed. How long a crowd waits is measured with nothing beside it.
faults pages: SIZE ?= large
faults: $(DEVELOPMENT) $(CATALOGUES) $(STATIC)  ## Kills, odd mail servers, crowds, robots in large numbers (ARGS= goes to pytest)
	@scripts/install_browser.sh
	@TEST_SIZE=$(SIZE) $(BIN)/pytest tests/faults/test_writers.py
	@TEST_SIZE=$(SIZE) $(BIN)/pytest tests/faults --ignore tests/faults/test_writers.py --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

pages: $(DEVELOPMENT) $(CATALOGUES) $(STATIC)  ## Every page and mail in both languages, themes and sizes: axe, keyboard, widths, words (ARGS= goes to pytest)
	@scripts/install_browser.sh
	@TEST_SIZE=$(SIZE) $(BIN)/pytest tests/browser/test_pages.py tests/browser/test_mails.py tests/test_languages.py --numprocesses $(WORKERS) $(ARGS)

bench: $(DEVELOPMENT) $(COMPILED)  ## How fast pages, mail and start are beside the barest ones (ARGS=--help)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

lint: $(DEVELOPMENT)  ## Style, templates, layers
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/ruff format --quiet --check . || { echo "Not formatted: run $(BIN)/ruff format"; exit 1; }
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/lint-imports --no-logo > .venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

types: $(DEVELOPMENT)  ## mypy, strict
	@$(BIN)/mypy

# ---------------------------------------------------------------------------- to make what is committed

lock: $(DEVELOPMENT)  ## Lock requirements*.in with hashes (UPGRADE=1 takes newer versions)
	@$(LOCK) requirements.in --output-file requirements.txt
	@$(LOCK) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt

screenshots: $(DEVELOPMENT) $(CATALOGUES) $(STATIC)  ## A picture of every page, phone and desktop, light and dark
	@$(BIN)/python -m scripts.screenshots $(ARGS)

letters: $(DEVELOPMENT) $(CATALOGUES)  ## A picture of every kind of mail, 360 and 800 wide, light and dark
	@$(BIN)/python -m scripts.mail_pictures

assets: $(DEVELOPMENT)  ## Fonts, icons and colour tokens, from their packages
	@$(BIN)/python scripts/make_assets.py

translations: $(DEVELOPMENT)  ## Find new texts, bring the catalogues up to date, compile them
	@$(BIN)/python -m scripts.translations
	@$(MAKE) $(CATALOGUES)

clean:  ## Take away everything that make made, the demo's data too
	@rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	@find pentahelix -name '*.mo' -delete
	@find . -name '__pycache__' -prune -exec rm -rf {} +

# ---------------------------------------------------------------------------- how

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed; name one with PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv .venv

$(RUNTIME): requirements.txt | .venv/bin/python
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | .venv/bin/python
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@ $(RUNTIME)

%.mo: %.po | $(RUNTIME)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

$(STATIC): scripts/build_static.py $(shell find static -type f) | $(RUNTIME)
	@$(BIN)/python -m scripts.build_static
	@touch $@

# Else each worker would do it again, for its start and for the first reader of each page.
$(COMPILED): scripts/compile_templates.py $(CATALOGUES) $(STATIC) $(shell find templates -type f; find pentahelix -name '*.py') | $(RUNTIME)
	@$(BIN)/python -m compileall -q pentahelix wsgi.py
	@$(BIN)/python -m scripts.compile_templates
	@touch $@
