# The two commands: `make up` runs the product, `make test` runs every check.
# Each does its own set-up on a machine with Python 3.11+ and nothing else.
PYTHON ?= python3.11
PYTHON := $(shell command -v $(PYTHON) || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: help install up test check format reference bench lock clean

help:  ## what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

install: $(VENV)/installed  ## install only: .venv from requirements.lock

$(VENV)/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

up: install  ## run the product on http://127.0.0.1:8000
	@exec $(BIN)/lodestone up $(ARGS)

check: install  ## format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## every check and all tests, in parallel
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

format: install  ## rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: install  ## rewrite docs/reference from the code and a freshly migrated database
	@$(BIN)/python -m lodestone.cli.manual
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
		$(BIN)/lodestone migrate --data-dir "$$data/data" >/dev/null && \
		$(BIN)/lodestone schema reference --data-dir "$$data/data" --output docs/reference/schema.md && \
		echo "wrote docs/reference/schema.md"

bench: install  ## print every figure of docs/performance.md
	$(BIN)/python -m benchmarks $(ARGS)

lock: install  ## re-resolve requirements.lock
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile requirements-dev.in --quiet --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --no-header --no-annotate --output-file requirements.lock

clean:  ## remove what install and the tests made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build *.egg-info
