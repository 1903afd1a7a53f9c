# Everything sets itself up: a fresh machine needs Python 3.11, pip, git and make.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# bytecode is kept: images of Python like to switch it off, and each of a few thousand processes would
# compile devflow anew
unexport PYTHONDONTWRITEBYTECODE
# collecting all tests takes half the processor time with the plugin
# the longest fixture, a story with all its kills, takes 150 s of it on two cores
PYTEST := $(BIN)/python -m pytest -p tests.collecting --timeout 600 -q -rs

.PHONY: demo stop test images check fix golden shapes pythons faults bench-engine bench-serving bench-checkout bench-deploys bench-images clean help

help:
	@echo "make demo    a ticket's whole life on this machine: 29 steps, local JIRA and GitHub, real git, tests, deploys;"
	@echo "             in containers where an engine answers: DEMO_TARGET=docker or =processes decides"
	@echo "make stop    end what the demo left running"
	@echo "make test    the whole test suite        make check   format, lint, types, security"
	@echo "make images  images for real: both builders, engines, registries, containers; starts what is installed"
	@echo "make faults  what can go wrong, for MINUTES=60; goes on where it stopped"
	@echo "make shapes  every break of every foreign repository"
	@echo "make pythons  pytest 6 to 9 under Python 3.8 to 3.13, in environments made here, and what keeps environments"
	@echo "make clean   forget everything made here"
	@echo "make fix     format, sort imports, write generated pages and the scenario's patches anew"
	@echo "make golden  accept changed screens, and print what changed"
	@echo "make bench-engine    what devflow's own commands cost beside Python's start: five minutes"
	@echo "make bench-checkout  what a checkout costs beside git writing the same files"
	@echo "make bench-deploys   our proxy beside haproxy, and what switches take: needs haproxy and wrk"
	@echo "make bench-images    our builder beside BuildKit: needs Docker Engine, and MIRROR=HOST:PORT, the registry it has as its mirror"
	@echo "make bench-serving   the price backend beside BentoML, LitServe and MLServer: ten minutes, needs wrk"

$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is not here; name another Python 3.11 or newer: make PYTHON=python3 ..."; exit 5; }
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[sandbox,services,postgres,checks,dev]"
	@touch $@

demo: $(READY)
	@$(BIN)/devflow demo $(if $(DEMO_TARGET),--target $(DEMO_TARGET))

stop: $(READY)
	@$(BIN)/devflow demo --stop

test: $(READY)
	@$(PYTEST) tests --ignore=tests/faults --ignore=tests/e2e/every_break --ignore=tests/contract/sandbox --ignore=tests/contract/images --ignore=tests/e2e/test_images.py -n 2 --dist loadscope
	@# these share one log of exchanges, whose last test holds it against the official descriptions
	@$(PYTEST) tests/contract/sandbox

bench-serving: $(READY)
	@$(BIN)/python -m benchmarks.serving --million

bench-engine: $(READY)
	@$(BIN)/python -m benchmarks.engine
	@$(BIN)/python -m benchmarks.engine.entries

bench-checkout: $(READY)
	@$(BIN)/python -m benchmarks.checkout

bench-deploys: $(READY)
	@$(BIN)/python -m benchmarks.deploys.proxying --million
	@$(BIN)/python -m benchmarks.deploys.switching

bench-images: $(READY)
	@test -n "$(MIRROR)" || { echo "error: name the registry that Docker Engine has as its mirror: make bench-images MIRROR=127.0.0.1:5000"; exit 2; }
	@$(BIN)/python -m benchmarks.images.building --mirror $(MIRROR)
	@$(BIN)/python -m benchmarks.images.running --registry $(MIRROR)
	@$(BIN)/python -m benchmarks.images.analysis

images: $(READY)
	@$(PYTEST) tests/contract/images tests/e2e/test_images.py --ignore=tests/contract/images/alone -n 2 --dist loadscope
	@# an engine is restarted, under which nothing else may run
	@$(PYTEST) tests/contract/images/alone

shapes: $(READY)
	@$(PYTEST) tests/e2e/test_repositories.py tests/e2e/every_break -n 2

pythons: $(READY)
	@$(BIN)/python -m tests.pythons
	@$(BIN)/python -m tests.pythons.keepers

faults: $(READY)
	@$(BIN)/python -m tests.faults --minutes $(or $(MINUTES),60)

check: $(READY)
	@# the suites' own hooks are part of `make test`
	@PATH="$(CURDIR)/$(BIN):$$PATH" SKIP=backend-tests,frontend-tests $(BIN)/pre-commit run --all-files
	@$(BIN)/ruff check --quiet .
	@for finding in findings/*.sh; do bash -n $$finding; done
	@$(BIN)/mypy --strict devflow
	@# the worlds of the steps' tests use the kit as other people's do
	@MYPYPATH=. $(BIN)/mypy --strict --explicit-package-bases tests/unit/testing $(wildcard tests/unit/steps/*_world.py) tests/unit/steps/change_story.py
	@# a rival's server imports what only its own environment has
	@$(BIN)/mypy --strict benchmarks --exclude 'rivals/(bentoml|litserve|dbos)_'
	@$(BIN)/bandit --quiet --recursive devflow services --configfile pyproject.toml

fix: $(READY)
	@$(BIN)/ruff check --quiet --fix --select I,F401 devflow services tests benchmarks
	@$(BIN)/black --quiet devflow services tests benchmarks
	@$(BIN)/python -m tests.scenario_patches
	@$(BIN)/python -m tests.ui.golden --accept docs/steps.md docs/reports.md docs/environment.md docs/linters.md docs/guide/project.md devflow/steps/index.py >/dev/null

golden: $(READY)
	@$(BIN)/python -m tests.ui.golden --accept

clean:
	@if [ -x $(BIN)/devflow ]; then $(BIN)/devflow demo --stop; fi
	@rm -rf $(VENV) .demo .bench .pytest_cache .mypy_cache .hypothesis build dist
