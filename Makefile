# Everything that can be done with this repository, one word each. `make help` lists them.
# A target does all the set-up it needs, and what is already done is not done again (stamps in .make/).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
KEEP ?=
ARGS ?=
SECONDS_EACH ?= 60
TARGETS ?=
DOORS ?=
WHEEL = $$(ls -t dist/*.whl | head -n 1)  # the one that was built last
JOBS ?= 2  # the tests mostly wait for sound
EXAMPLES ?= 1000
STAGE := .make/site .make/signalwire .make/sdk-twilio7 .make/sdk-twilio8 .make/sdk-signalwire-sdk .make/js

ENGINE_SOURCES := $(shell find engine \( -path engine/target -o -path engine/fuzz \) -prune -o \( -name '*.rs' -o -name 'Cargo.*' -o -name '*.toml' \) -print)

.PHONY: help setup build demo test properties chaos .make/engine-tests check format lint types floors drift clippy wire compat docs bench fuzz fuzz-doors dist dist-test deb audit lock clean

help: ## Say what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .make/installed ## Make .venv/bin/roomtone ready to run: dependencies, engine, command
	@echo "ready: $(BIN)/roomtone --help"

build: .make/installed ## Build the engine (release) and install both programs into .venv

demo: .make/installed ## Three phones in a conference, steered through the API, and the sound proved (KEEP=1 leaves it up)
	@$(BIN)/roomtone demo $(if $(KEEP),--keep) $(ARGS)

test: ## The whole suite, engine included (ARGS="-k hold" narrows the Python part)
	@$(MAKE) -j 4 .make/machine-test .make/installed .make/engine-tests $(STAGE)
	@engine=0; scripts/engine_tests.sh || engine=$$?; \
	python=0; scripts/python_tests.sh $(JOBS) $(ARGS) || python=$$?; \
	[ $$engine = 0 ] || echo "the engine's own tests failed: see above" >&2; \
	exit $$((engine + python > 0))

properties: .make/python ## The property tests with many more examples (EXAMPLES=1000 each)
	@ROOMTONE_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n $(JOBS) --timeout 3600 tests/property tests/unit $(ARGS)

chaos: .make/installed .make/machine-test ## Faults made on purpose, in their long form; prints figures (CHAOS=short: as in make test)
	@ROOMTONE_CHAOS=$(if $(CHAOS),$(CHAOS),long) $(BIN)/python -m pytest tests/chaos --reruns 0 $(ARGS)

check: .make/python lint types floors drift clippy ## All that needs no running server: lint, format, types, floors, drift, clippy
	@scripts/audit.sh --if-reachable

format: .make/python ## Put Python and Rust into the house's format
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix . && cargo fmt --manifest-path engine/Cargo.toml --all

lint: .make/python
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .

types: .make/python
	@$(BIN)/mypy

floors: .make/python
	@$(BIN)/lint-imports

drift: .make/python
	@$(BIN)/python scripts/generate_wire.py --check
	@$(BIN)/python scripts/generate_compat.py --check
	@$(BIN)/python scripts/generate_errors.py --check
	@$(BIN)/python scripts/generate_api.py --check
	@$(BIN)/python scripts/generate_metrics.py --check
	@$(BIN)/python scripts/generate_traces.py --check
	@$(BIN)/python scripts/generate_cli.py --check
	@$(BIN)/python scripts/generate_logs.py --check
	@$(BIN)/python scripts/generate_events.py --check

clippy:
	@cargo fmt --manifest-path engine/Cargo.toml --all --check
	@cargo clippy --manifest-path engine/Cargo.toml --workspace --all-targets --locked --quiet -- -D warnings

wire: .make/python ## Write both sides of the engine protocol from engine/wire/protocol.toml
	@$(BIN)/python scripts/generate_wire.py

compat: .make/python ## Write the generated pages (docs/compat.md, docs/reference) from the routes and dialects
	@$(BIN)/python scripts/generate_compat.py
	@$(BIN)/python scripts/generate_errors.py
	@$(BIN)/python scripts/generate_api.py
	@$(BIN)/python scripts/generate_metrics.py
	@$(BIN)/python scripts/generate_traces.py
	@$(BIN)/python scripts/generate_cli.py
	@$(BIN)/python scripts/generate_logs.py
	@$(BIN)/python scripts/generate_events.py

docs: compat .make/site ## Build the documentation site into build/site, links and all checked; what its pages claim is tested by make test
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict && echo "build/site/index.html"

bench: .make/installed .make/machine-bench .make/peers ## Measure what a participant costs, beside the floor and a peer (ARGS=--quick: about a minute)
	@scripts/bench.sh $(ARGS)

fuzz: .make/cargo-fuzz/bin/cargo-fuzz ## Feed rubbish to all that reads strangers' bytes, a minute each (SECONDS_EACH=60, TARGETS="rtp opus")
	@$(if $(TARGETS),,$(MAKE) fuzz-doors)
	@scripts/fuzz.sh $(SECONDS_EACH) $(TARGETS)

fuzz-doors: .make/python ## The part of `make fuzz` that is Python: HTTP, documents, settings, SDP, SIP, audio (DOORS="cxml sdp")
	@$(BIN)/python -m fuzz $(SECONDS_EACH) $(DOORS)

dist: .make/python ## Build the wheel, engine included, into dist/ (one for every Python from 3.11)
	@rm -rf dist && $(BIN)/maturin build --release --quiet --locked -o dist && ls dist

dist-test: ## Install the newest wheel of dist/ where there is no compiler, and see that it serves
	@[ -n "$(wildcard dist/*.whl)" ] || $(MAKE) dist
	@$(PYTHON) scripts/try_wheel.py $(WHEEL)

deb: ## Put the newest wheel of dist/ and what it needs into a Debian package, for machines with this one's Python and processor
	@[ -n "$(wildcard dist/*.whl)" ] || $(MAKE) dist
	@$(BIN)/python scripts/make_deb.py $(WHEEL)

audit: ## Ask whether what we depend on has known holes (pip-audit, cargo-deny)
	@scripts/audit.sh

lock: .make/lock ## Lock dependencies anew (Python, Rust, npm) within what is asked for
	@cd requirements && for each in *.in; do \
	  ../.make/lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" $$each -o $${each%.in}.txt; done
	@cargo update --manifest-path engine/Cargo.toml --quiet
	@cd tests/interop/js && npm install --package-lock-only --silent

clean: ## Remove what was built here (not the data of any server)
	@rm -rf .make .venv .venv-* build dist engine/target engine/fuzz/corpus fuzz/corpus tests/interop/js/node_modules .mypy_cache .ruff_cache .pytest_cache

# --- stamps ---------------------------------------------------------------------------------------------------------

.make/machine-build: scripts/need.sh
	@mkdir -p .make && PYTHON=$(PYTHON) scripts/need.sh build && touch $@

.make/machine-test: scripts/need.sh | .make/machine-build  # one apt at a time
	@mkdir -p .make && scripts/need.sh test && touch $@

.make/machine-bench: scripts/need.sh | .make/machine-build
	@mkdir -p .make && scripts/need.sh bench && touch $@

.make/peers: bench/peers/package-lock.json .make/machine-bench
	@if (cd bench/peers && npm ci --silent); then touch $@; \
	else echo "Prism cannot be installed: the REST bench goes without a peer" >&2; fi

.make/python: requirements/dev.txt .make/machine-build
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@echo "installing Python packages into .venv"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt && touch $@

.make/installed: .make/python pyproject.toml packaging/wheel/scripts/roomtone $(ENGINE_SOURCES)
	@echo "building the engine"
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/maturin develop --release --quiet > .make/build.log 2>&1 || { cat .make/build.log; exit 1; }
	@touch $@

.make/engine-tests: .make/machine-build  # beside the other build, which has its own folder
	@scripts/engine_tests.sh --build

.make/signalwire: requirements/interop-signalwire.txt .make/machine-build
	@[ -x .venv-signalwire/bin/python ] || $(PYTHON) -m venv .venv-signalwire
	@if .venv-signalwire/bin/python -m pip install -q --no-compile --disable-pip-version-check --require-hashes -r $<; then touch $@; \
	else echo "the signalwire package cannot be installed on this Python: its tests will be skipped" >&2; fi

.make/sdk-%: requirements/interop-%.txt .make/machine-build
	@[ -x .venv-$*/bin/python ] || $(PYTHON) -m venv .venv-$*
	@if .venv-$*/bin/python -m pip install -q --no-compile --disable-pip-version-check --require-hashes -r $<; then touch $@; \
	else echo "$* cannot be installed on this Python: its tests will be skipped" >&2; fi

.make/site: requirements/docs.txt .make/machine-build
	@[ -x .venv-docs/bin/python ] || $(PYTHON) -m venv .venv-docs
	@if .venv-docs/bin/python -m pip install -q --no-compile --disable-pip-version-check --require-hashes -r $<; then touch $@; \
	else echo "MkDocs cannot be installed on this Python: the site is not built, its tests will be skipped" >&2; fi

.make/js: tests/interop/js/package-lock.json .make/machine-test
	@cd tests/interop/js && npm ci --silent && touch $(CURDIR)/$@

.make/cargo-fuzz/bin/cargo-fuzz: .make/machine-build
	@echo "building cargo-fuzz"
	@cargo install --quiet --locked --version 0.13.2 --root .make/cargo-fuzz cargo-fuzz

.make/lock:
	@$(PYTHON) -m venv $@ && $@/bin/python -m pip install -q --disable-pip-version-check "uv==$(UV)"

UV := 0.13.8
