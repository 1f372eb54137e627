# The two commands: `make notebooks` and `make test`. Everything runs in .venv, built on the first call.
PYTHON ?= python3
RUN_FLAGS ?=
PYTEST_FLAGS ?= -n 2 --dist loadfile

# Tests and doctests that depend on the backend.
ANY_BACKEND := tests/benchmarks \
  $(foreach area,ops layers optimizers conformance sampling gan models,tests/$(area) blogkit/$(area))

VENV := .venv
BIN := $(VENV)/bin
EXTRAS := tensorflow,bert,notebooks,test
# A venv without byte-code pays 15 s of CPU instead of 5 for every `import tensorflow`.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install notebooks test lab refresh report constraints clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

install: $(VENV)/installed ## Create .venv from pyproject.toml and constraints.txt, nothing on a second call

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "blogkit needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one, for example: make $(or $(MAKECMDGOALS),install) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot create a virtual environment with pip. On Debian: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt uv

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/uv
	$(BIN)/uv pip install --python $(BIN)/python --compile-bytecode -c constraints.txt -e ".[$(EXTRAS)]"
	@touch $@

notebooks: $(VENV)/installed ## Execute every notebook and print all claims; exit code = number of failures
	@$(BIN)/python -m blogkit run $(RUN_FLAGS)

test: $(VENV)/installed ## Run everything that CI runs
	@KERAS_BACKEND=tensorflow $(BIN)/python -m pytest $(PYTEST_FLAGS)
	@set -e; for backend in jax torch; do \
	  if $(BIN)/python -c "import $$backend" 2>/dev/null; then \
	    echo "The library again with $$backend"; \
	    KERAS_BACKEND=$$backend $(BIN)/python -m pytest $(PYTEST_FLAGS) $(ANY_BACKEND); \
	  else echo "No $$backend here: its tests are skipped"; fi; done

lab: $(VENV)/installed ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir notebooks

refresh: $(VENV)/installed ## Re-execute the notebooks in place: the committed outputs, and the READMEs' pictures
	@$(BIN)/python -m blogkit refresh
	@$(BIN)/python docs/thumbnails.py

report: $(VENV)/installed ## Write one self-contained HTML page of all claims and notebooks
	@$(BIN)/python -m blogkit report

constraints: $(VENV)/bin/uv ## Resolve constraints.txt anew (versions only, Python 3.11 to 3.13)
	$(BIN)/uv pip compile --quiet --upgrade --universal --all-extras --python $(BIN)/python \
	  --python-version 3.11 --no-header --no-annotate pyproject.toml -o constraints.txt

clean: ## Remove .venv, runs/ and caches
	rm -rf $(VENV) runs .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
