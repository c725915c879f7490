# `make audit` and `make test` set up what they need on a machine with Python 3.11+ and a package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= build/home
SAMPLE ?= data/sample

export PYTHONUTF8 = 1

.PHONY: audit test check docs bench lock mutate wheel clean

# --no-deps: the lock is complete, and pip cannot match a locked name with an extra that a package asks for.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

audit: $(VENV)/.installed  ## Set up and run the nightly audit on the sample
	$(BIN)/rechallenge audit --extract $(SAMPLE) --home $(HOME_DIR)

test: $(VENV)/.installed  ## Set up and run every test
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term

check: $(VENV)/.installed  ## Linters, types, import contracts, stale documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m flows.pages.rule_pages --check

docs: $(VENV)/.installed  ## Write docs/rules and the data dictionary anew
	$(BIN)/python -m flows.pages.rule_pages

bench: $(VENV)/.installed  ## The figures of README.md
	$(BIN)/python -m bench

mutate: $(VENV)/.installed  ## Change the audit and the SQL in one place at a time; each mutant must fail a test
	$(BIN)/python -m tests.mutate

wheel: $(VENV)/.installed  ## Build the wheel into dist/
	rm -rf build/lib build/bdist.* dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation --wheel-dir dist .

lock:  ## Compile requirements.lock anew (exact versions with hashes, no addresses)
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist
