# run · test · lint · site, and bench · diagrams · models · pictures, which write what is kept in the
# repository.
# Each sets up what it needs in .venv; a second call starts at once.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := rnnviz app.py

.PHONY: run test lint site bench diagrams models pictures

run: .venv/.app
	$(BIN)/streamlit run app.py --server.fileWatcherType auto

test: .venv/.dev
	tests/browser/install.sh
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict $(SOURCES)

site: .venv/.app
	$(BIN)/python -m rnnviz site _site

bench: .venv/.dev
	tests/browser/install.sh
	$(BIN)/python -m benchmarks engine
	$(BIN)/python -m benchmarks growth
	$(BIN)/python -m benchmarks long --steps 100000
	$(BIN)/python -m benchmarks app
	$(BIN)/python -m benchmarks player
	$(BIN)/python -m benchmarks live
	$(BIN)/python -m benchmarks site

diagrams: .venv/.dev
	tests/browser/install.sh
	$(BIN)/python -m assets.diagrams.make

models: .venv/.dev
	$(BIN)/python -m assets.models.make
	$(BIN)/python -m assets.findings.make

pictures: .venv/.dev
	tests/browser/install.sh
	$(BIN)/python -m docs.make
	$(BIN)/python -m docs.drag
	$(BIN)/python -m docs.notebooks

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/.app: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

.venv/.dev: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet -r requirements.txt -e ".[dev]"
	touch $@ .venv/.app
