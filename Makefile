# The entry points: make run, make test, make lab. `make help` lists all.
# Choose another Python with: make run PYTHON=python3.11
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.10 python3.13; do \
	$$p -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-deps

# PyTorch is compared with, and no part of the course: an environment of its own.
TORCH_PYTHON ?= $(shell command -v python3.11 || echo $(PYTHON))
TORCH := build/torch

.PHONY: help run data test lab bench lint notebooks lock clean

help:
	@echo "make run        execute every lesson; copies and HTML go to build/"
	@echo "make test       run all tests"
	@echo "make lab        open JupyterLab on the lessons"
	@echo "make bench      time the course beside d2lzh and PyTorch (15 minutes)"
	@echo "make data       find or fetch Fashion-MNIST and verify it"
	@echo "make lint       check the style of the Python files"
	@echo "make notebooks  execute the lessons and store their outputs in notebooks/"
	@echo "make lock       renew requirements.lock from pyproject.toml (needs uv)"
	@echo "make clean      remove the environment and build/"

run: data
	@$(PY) tools/run_lessons.py

test: data $(VENV)/other-numpy/ready lint
	$(PY) -m pytest

# Before the lessons, so that no lesson's output says that it fetched something.
data: $(VENV)/ready
	@$(PY) -c "from d2l_bn.data import find_fashion_mnist; \
		print('Fashion-MNIST is in', find_fashion_mnist())"

lab: data
	$(PY) -m jupyter lab --notebook-dir=notebooks

bench: data
	@test -e $(TORCH)/ready || { echo "Creating $(TORCH) with PyTorch ..."; \
		rm -rf $(TORCH) && $(TORCH_PYTHON) -m venv $(TORCH) \
		&& $(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check \
		torch==2.13.0 && touch $(TORCH)/ready; } \
		|| { rm -rf $(TORCH); echo "PyTorch cannot be had here; its row will say so."; }
	$(PY) benchmarks/bench.py

lint: $(VENV)/ready
	$(PY) -m ruff check

notebooks: data
	@$(PY) tools/run_lessons.py --in-place

# --no-deps: the lock names every package, and MXNet's own metadata forbids the NumPy 2
# that Python 3.13 needs. The stamp comes last, so that a broken setup is taken up again.
$(VENV)/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.10 to 3.13 was found. Install one, or" \
		"name it: make run PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Creating the environment in $(VENV) (about 700 MB, once) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is incomplete;" \
		"on Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# A second NumPy beside the environment: the tests run MXNet under both.
$(VENV)/other-numpy/ready: requirements-other-numpy.lock $(VENV)/ready
	@rm -rf $(VENV)/other-numpy
	@$(PIP) --require-hashes --target $(VENV)/other-numpy -r requirements-other-numpy.lock
	@touch $@

lock:
	uv pip compile --universal --python-version 3.10 --generate-hashes --all-extras \
		--no-header --quiet pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build
