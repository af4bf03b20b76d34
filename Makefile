# The entry points: make run, make test, make lab. `make help` lists all.
# Choose another Python with: make run PYTHON=python3.11
PYTHON ?= $(shell for p in python3 python3.12 python3.13 python3.11 python3.10 \
	python3.14; do \
	$$p -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))' \
	2>/dev/null && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-deps
# As many processes as there are cores, two at most (tests/conftest.py).
PYTEST := $(PY) -m pytest --numprocesses auto

# The tests of what computes are named after these modules.
COMPUTING := norm layer training statistics parameters

# PyTorch is compared with, and no part of the course: an environment of its own.
TORCH_PYTHON ?= $(shell command -v python3.11 || echo $(PYTHON))
TORCH := build/torch

# nbgrader hands out and marks the exercises, and is no part of the course either.
GRADING := build/grading

# Sphinx makes the site, and is no part of the course. NOTEBOOKS=build shows what
# `make run` left there instead of the stored outputs.
SITE_ENV := build/site-env
NOTEBOOKS := notebooks

STUDENT := build/student
FOLDER =
MARKS = $(FOLDER:%/=%)-marks

.PHONY: help run data check test mutants lab bench student grade lint text untext \
	notebooks site browser lock clean compare conda audit newcomer

help:
	@echo "make run        execute every lesson; copies go to build/"
	@echo "make check      run the tests that execute no lesson, without slow ones (2.5 minutes)"
	@echo "make test       run all tests"
	@echo "make mutants    put known bugs into copies: do the tests see them? (5 to 10 minutes)"
	@echo "make lab        open JupyterLab on the lessons"
	@echo "make bench      time the course beside d2lzh and PyTorch (25 minutes)"
	@echo "make student    copy the lessons without outputs, checks and solutions," \
		"and the exercises to hand in, to build/student/"
	@echo "make grade      mark FOLDER=..., which holds learner/NN_exercises.ipynb" \
		"(docs/marking.md)"
	@echo "make data       find or fetch Fashion-MNIST and verify it"
	@echo "make lint       check the style of the code and the spelling of the words"
	@echo "make text       write LESSON=03 as Markdown to build/text/, to edit it"
	@echo "make untext     put the text of LESSON=03 back into its notebook"
	@echo "make compare    run LESSON=03 and its solutions: are the stored outputs right?"
	@echo "make notebooks  write the exercises from the solutions, execute all or" \
		"LESSON=03, store it"
	@echo "make site       make the web pages in build/site from the stored outputs"
	@echo "make browser    try the pages in Chromium, which must be installed"
	@echo "make conda      try environment.yml's packages with lesson 01 (needs python3.12)"
	@echo "make newcomer   try the two commands on a bare Debian (root, debootstrap, 1 hour)"
	@echo "make lock       renew the lock files from pyproject.toml and the .in files (needs uv)"
	@echo "make audit      look up the locked versions in the published advisories"
	@echo "make clean      remove the environment and build/"

run: data
	@$(PY) tools/run_lessons.py

check: data $(VENV)/other-numpy/ready $(GRADING)/ready lint
	$(PYTEST) --dist worksteal -m "not (lesson or slow)"

# What computes, once more in MXNet's own engine, which runs operators in other threads.
# The lessons are handed out one by one: some take many times as long as others.
test: check $(SITE_ENV)/ready
	D2L_BN_TUNE=0 $(PYTEST) $(wildcard $(COMPUTING:%=tests/test_*%*.py))
	$(PYTEST) --maxschedchunk 1 -m "lesson or slow"

mutants: data $(VENV)/other-numpy/ready
	$(PY) tools/mutants.py

# Before the lessons, so that no lesson's output says that it fetched something.
data: $(VENV)/ready
	@$(PY) -c "from d2l_bn.data import find_fashion_mnist; \
		print('Fashion-MNIST is in', find_fashion_mnist())"

# More: make lab NOTEBOOKS=/path/to/a/copy OPTIONS="--no-browser --port=8890"
lab: data
	$(PY) -m jupyter lab --notebook-dir="$(NOTEBOOKS)" $(OPTIONS)

bench: data
	@test -e $(TORCH)/ready || { echo "Creating $(TORCH) with PyTorch ..."; \
		rm -rf $(TORCH) && $(TORCH_PYTHON) -m venv $(TORCH) \
		&& $(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check \
		torch==2.13.0 && touch $(TORCH)/ready; } \
		|| { rm -rf $(TORCH); echo "PyTorch cannot be had here; its row will say so."; }
	$(PY) benchmarks/bench.py

# What a learner gets: the cells of asserts and the outputs are left out, and exercises/
# is added. One folder, where the links between lessons hold, and a new one: somebody may
# have worked in it.
student: $(VENV)/ready $(GRADING)/ready
	@test ! -e $(STUDENT) || { echo "$(STUDENT) is there: move or remove it first, or" \
		"name another folder: make student STUDENT=/path/to/folder"; exit 1; }
	$(PY) -m nbconvert --to notebook --log-level WARN --output-dir $(STUDENT) \
		--ClearOutputPreprocessor.enabled=True --TagRemovePreprocessor.enabled=True \
		--TagRemovePreprocessor.remove_cell_tags=remove-cell notebooks/*.ipynb
	mkdir $(STUDENT)/programs && cp notebooks/programs/*.py $(STUDENT)/programs/
	$(GRADING)/bin/python tools/student.py $(STUDENT)

# More: make grade FOLDER=handins OPTIONS="--cell-seconds 120 --memory-mb 8192 --jobs 1"
grade: data $(GRADING)/ready
	@test -n "$(FOLDER)" || { echo "Name the folder: make grade FOLDER=handins"; exit 1; }
	$(GRADING)/bin/python tools/grade.py "$(FOLDER)" "$(MARKS)" --python $(PY) $(OPTIONS)

# As .pre-commit-config.yaml has it; a test compares them.
lint: $(VENV)/ready
	$(PY) -m ruff check
	$(PY) -m codespell_lib

# LESSON may be several: make text LESSON="03 solutions/03"
NAMED = @test -n "$(LESSON)" || { echo "Name a lesson: make $@ LESSON=03"; exit 1; }

text: $(VENV)/ready
	$(NAMED)
	@$(PY) tools/lesson_text.py write $(LESSON)

untext: $(VENV)/ready
	$(NAMED)
	@$(PY) tools/lesson_text.py back $(LESSON)

# pytest is given "03_ or 05_": each lesson's "or", without the first one.
compare: data
	$(NAMED)
	$(PYTEST) --maxschedchunk 1 tests/test_nbval.py -m lesson \
		-k "$(wordlist 2,99,$(LESSON:%=or %_))"

notebooks: data
	@$(PY) tools/opening.py
	@$(PY) tools/exercises.py
	@$(PY) tools/run_lessons.py --in-place $(LESSON)

site: $(SITE_ENV)/ready
	$(SITE_ENV)/bin/python tools/build_site.py --notebooks "$(NOTEBOOKS)"

# Needs: apt-get install chromium. Not part of `make test`, which bare machines run.
# Without the tests' own conftest.py, which imports MXNet.
browser: site
	$(SITE_ENV)/bin/python -m pytest --confcutdir tests/browser tests/browser

FOUND = @test -n "$(PYTHON)" || { echo "No Python 3.10 to 3.14 was found. Install one," \
	"or name it: make run PYTHON=/path/to/python3.12"; exit 1; }
# $(call environment,folder,Python,name of the lock): one of its own, made anew.
environment = @rm -rf $1 && $2 -m venv $1 && $1/bin/python -m pip install --quiet \
	--disable-pip-version-check --no-deps --require-hashes -r requirements-$3.lock

# machine.py names what this machine lacks, before anything is downloaded.
# --no-deps: the lock names every package, and MXNet's own metadata forbids the NumPy 2
# that Python 3.13 needs. The stamp comes last, so that a broken setup is taken up again.
$(VENV)/ready: requirements.lock pyproject.toml
	$(FOUND)
	@$(PYTHON) -I d2l_bn/machine.py
	@echo "Creating the environment in $(VENV) (about 1 GB, some minutes, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# A second NumPy beside the environment: the tests run MXNet under both.
$(VENV)/other-numpy/ready: requirements-other-numpy.lock $(VENV)/ready
	@rm -rf $(VENV)/other-numpy
	@$(PIP) --require-hashes --target $(VENV)/other-numpy -r requirements-other-numpy.lock
	@touch $@

# Its kernels run in $(VENV); the two have no package in common.
$(GRADING)/ready: requirements-grading.lock | $(VENV)/ready
	@echo "Creating $(GRADING) with nbgrader (about 350 MB, once) ..."
	$(call environment,$(GRADING),$(PY),grading)
	@touch $@

# Without MXNet and $(VENV): the pages can be made on any machine.
$(SITE_ENV)/ready: requirements-site.lock
	$(FOUND)
	@echo "Creating $(SITE_ENV) with Sphinx (about 450 MB, once) ..."
	$(call environment,$(SITE_ENV),$(PYTHON),site)
	@touch $@

# One Debian; `tools/bare_machine.sh` tries two, or a part.
newcomer:
	tools/bare_machine.sh --suites trixie $(OPTIONS)

conda: $(VENV)/ready
	$(PYTEST) tests/try_environment.py

lock:
	uv pip compile --universal --python-version 3.10 --generate-hashes --all-extras \
		--no-header --quiet pyproject.toml -o requirements.lock
	@for name in other-numpy grading site audit; do \
		uv --no-config pip compile --universal --python-version 3.10 --generate-hashes \
		--no-header --quiet requirements-$$name.in -o requirements-$$name.lock \
		|| exit 1; done

# Advisories that docs/audit.md answers.
ANSWERED :=

# What this Python would get from the locks. Any other advisory ends with an error, and so
# does a package that cannot be looked up (--strict).
audit:
	@echo "Creating build/audit with pip-audit (about 60 MB) ..."
	$(FOUND)
	$(call environment,build/audit,$(PYTHON),audit)
	@failed=0; for lock in $(wildcard requirements*.lock); do echo "$$lock:"; \
		build/audit/bin/pip-audit --strict --disable-pip --require-hashes -r $$lock \
		$(ANSWERED:%=--ignore-vuln %) || failed=1; done; exit $$failed

clean:
	rm -rf $(VENV) build
