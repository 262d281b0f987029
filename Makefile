# Three commands: `make demo`, `make app` and `make test`. Everything they need is installed into .venv first.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test app check types laws cover pictures bench constraints clean

demo: .venv/.ready
	$(BIN)/uebergang demo

app: .venv/.ready
	$(BIN)/uebergang serve --demo

test: check types laws

check: .venv/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/.ready-dev
	$(BIN)/mypy

# More workers than cores: journeys and stress tests wait more than they reckon. Trees of three
# workers that take every core each would wait for one another.
laws: .venv/.ready-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 3

cover: .venv/.ready-dev
	$(BIN)/python -m pytest --numprocesses 2 --cov --cov-report=term

pictures: .venv/.ready-dev
	$(BIN)/python docs/pictures.py

bench: .venv/.ready-dev
	$(BIN)/python -m benchmarks.run

# The versions that work together, without any address; made from a fresh environment.
constraints:
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install --quiet --editable '.[dev]'
	build/constraints/bin/python -m pip freeze --exclude-editable > constraints.txt

clean:
	rm -rf .venv build out

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Übergang needs Python 3.11 or newer; $(PYTHON) is older or missing."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python can't make environments here. On Debian: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

.venv/.ready-dev: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@ .venv/.ready
