# The four verbs: demo, test, check, proof. Each does its own set-up in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check format proof proof-kill bench bench-reading clean

demo: $(STAMP)
	@$(BIN)/s3incident demo

test: $(STAMP)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not proof" $(ARGS)

proof: $(STAMP)
	@$(BIN)/python -m pytest -q -m "proof or hypothesis" --hypothesis-profile=all-examples $(ARGS)

proof-kill: $(STAMP)
	@$(BIN)/python -m tests.e2e.kill_points $(ARGS)

bench: $(STAMP)
	@$(BIN)/python -m tests.bench.acks
	@$(BIN)/python -m tests.bench.lines
	@$(BIN)/python -m tests.benchmarks.replay
	@$(BIN)/python -m tests.bench.reading $(ARGS)

bench-reading: $(STAMP)
	@$(BIN)/python -m tests.bench.reading $(ARGS)

check: $(STAMP)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo && $(BIN)/s3incident iam-template | $(BIN)/cfn-lint

format: $(STAMP)
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "s3incident needs Python 3.11 or newer, and '$(PYTHON)' was not found. Install it, or say 'make PYTHON=/path/to/python3.11'."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "s3incident needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Say 'make PYTHON=/path/to/python3.11'."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once, about 20 seconds) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox,test,dev]' || { rm -f $(STAMP); echo "pip could not install the dependencies: see its message above. A connection to a package index is needed once."; exit 1; }
	@touch $(STAMP)

clean:
	rm -rf $(VENV) var dist artefacts
