# Everything a newcomer types. Each target sets the project up first; that costs nothing when it is set up.
PYTHON_HERE := .venv/bin/python
SERVICES := $(PYTHON_HERE) -m tools.services run --
ARGS ?=
# Tests wait for servers, clocks and each other: a few more of them than there are processors leave none idle. The fast tests wait
# for little, types are checked beside them, and each process more takes five seconds to read all tests.
CORES := $(shell getconf _NPROCESSORS_ONLN)
SIDE_BY_SIDE = --dist worksteal --maxprocesses 8 --numprocesses
# Where this is set, every process compiles every module again: half of the time of a short command.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format conformance bench chaos clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | while IFS=@ read -r name text; do printf '%-14s %s\n' "$$name" "$$text"; done

setup: ## make .venv/ with every pinned dependency (Python 3.11 or newer)
	@tools/setup.sh

demo: setup ## run the whole hub on bundled traffic, no servers needed; ends by itself
	@$(PYTHON_HERE) -m demo $(ARGS)

test: setup ## all tests, on real RabbitMQ and PostgreSQL servers that are started for them
	@tools/setup.sh bench
	@$(SERVICES) $(PYTHON_HERE) -m pytest $(SIDE_BY_SIDE) $$(($(CORES) + 2)) $(ARGS)

check: setup ## formatting, lint, types, import rules and the fast tests, with a tenth of the examples; less than a minute on two processors, the first time a little more
	@tools/setup.sh bench
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet . || { echo "some files are not formatted: make format"; exit 1; }
	@.venv/bin/lint-imports --no-logo
	@mkdir -p var && { .venv/bin/mypy > var/types.txt 2>&1 & types=$$!; \
	  $(PYTHON_HERE) -m pytest -m "not services and not slow" --hypothesis-profile quick $(SIDE_BY_SIDE) $(CORES) $(ARGS); tests=$$?; \
	  wait $$types; types=$$?; cat var/types.txt; [ $$types -eq 0 ] && exit $$tests; }

format: setup ## put the code in the house format
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .

conformance: setup ## translate the bundled documents, and those of folders in ARGS, and tell why what is refused is refused
	@.venv/bin/orderlane conformance tests/samples $(ARGS)

bench: setup ## measure throughput and latency beside other tools; writes its figures to benchmarks/
	@tools/setup.sh bench
	@$(PYTHON_HERE) -m benchmarks $(ARGS)

chaos: setup ## kill processes and servers under load and check that nothing is lost or done twice
	@$(PYTHON_HERE) -m benchmarks.chaos $(ARGS)

clean: ## remove .venv/, caches and private server data
	@if [ -x $(PYTHON_HERE) ] && [ -d var/services/kept ]; then $(PYTHON_HERE) -m tools.services stop; fi
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build var *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
