# Everything a developer or a build server runs. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash -o pipefail
.SHELLFLAGS := -euc
.DELETE_ON_ERROR:

export UV_SYSTEM_CERTS := 1
export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/.venv

PYTHON ?= python3
UV := .tools/uv/bin/uv
BIN := .venv/bin
COMPILE := $(UV) pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-find-links --python-version 3.11 --quiet
REPORT := build/rules.json

# Settings a caller may give: make test WORKERS=4, make demo ONCE=1, make fuzz MINUTES=5, make rules RUN=1,
# make bench N=100000 PROFILE=1 ONLY=latency, make soak MINUTES=30 DATABASE=postgresql SEED=1, make specs SPECS=DIR EXAMPLES=40 SEED=1.
# Three tests at once, on two processors too: many wait for a system that hangs.
WORKERS ?= 3
MINUTES ?= 5
ONCE ?=
RUN ?=
N ?= 10000
PROFILE ?=
ONLY ?=
DATABASE ?= sqlite
SPECS ?=
EXAMPLES ?=
SEED ?=

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

# The pin of uv is requirements/uv.txt and nothing else.
.tools/.uv: requirements/uv.txt
	$(PYTHON) -m venv --clear .tools/uv
	.tools/uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

$(BIN)/python: | .tools/.uv
	$(UV) venv --quiet --clear --python $(PYTHON) .venv

.venv/.synced: requirements/dev.txt .tools/.uv | $(BIN)/python
	$(UV) pip sync --quiet --require-hashes requirements/dev.txt
	@touch $@

.venv/.installed: pyproject.toml .venv/.synced
	$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: setup
setup: .venv/.installed ## Make .venv with exactly the locked packages (quick when nothing changed)
	@:

.PHONY: lock
lock: .tools/.uv ## Write requirements/*.txt anew from pyproject.toml
	$(COMPILE) pyproject.toml -o requirements/base.txt
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt

.PHONY: demo
demo: setup ## Two stand-in systems, a plan, three runs, then serve, told in plain words (ONCE=1 ends before it)
	$(BIN)/syncline demo $(if $(ONCE),--once)

.PHONY: test
test: setup ## Every test, in WORKERS processes
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --durations=15 --rules-report=$(REPORT) tests

.PHONY: test-long
test-long: setup ## The tests with more kills
	SYNCLINE_TEST_LONG=1 $(BIN)/pytest -n $(WORKERS) --dist worksteal --durations=15 tests

.PHONY: check
check: setup ## Format, lint, types, import rules, house rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/house

.PHONY: fix
fix: setup ## Let ruff format the code and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: setup ## Write the pages of docs/reference that come from the program
	$(BIN)/python -m docs.generate

.PHONY: rules
rules: setup ## Which test proves which rule, from the last run that passed (RUN=1 runs the tests first)
	@if [ -n "$(RUN)" ] || [ ! -f $(REPORT) ]; then $(MAKE) --no-print-directory test; fi
	@$(BIN)/python -m tests.rules_report $(REPORT)

.PHONY: fuzz
fuzz: setup ## Invent histories for MINUTES minutes, two thirds in memory, one third over the sandboxes
	SYNCLINE_FUZZ_MINUTES=$(MINUTES) $(BIN)/pytest -q -s tests/property/test_fuzz.py

.PHONY: specs
specs: setup ## Judge sandboxes and connectors by what the vendors publish, found in SPECS, and fuzz by it
	@$(BIN)/python -m tests.specs "$(SPECS)" $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEED),--seed $(SEED))

.PHONY: bench
bench: setup ## What syncing N people costs, over stand-ins, as JSON (PROFILE=1 profiles, ONLY=latency measures that)
	@$(BIN)/python -m benchmarks --people $(N) $(if $(PROFILE),--profile) $(if $(ONLY),--only $(ONLY))

.PHONY: soak
soak: setup ## Edits, faults and kills for MINUTES minutes; then it has to be quiet and right (DATABASE=postgresql)
	@$(BIN)/python -m benchmarks.soak --minutes $(MINUTES) --database $(DATABASE) $(if $(SEED),--seed $(SEED))

.PHONY: month
month: setup ## How long a first sync of N people takes under Apollo's basic plan, by the stand-ins' clock, as JSON (N=50000)
	@$(BIN)/python -m benchmarks.month --people $(N)

.PHONY: clean
clean: ## Remove what the other targets made, .venv and .tools included
	rm -rf .venv .tools build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
