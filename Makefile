# The two commands: `make demo` and `make test`. All they do is in config/stack/, which the containers use as well.
PYTHON ?= python3
PORT ?= 8000
NO_PYTHON = mainstay: $(PYTHON) was not found. Install Python 3.11 to 3.13, or name it: make $@ PYTHON=/path/to/python3
SETUP = @command -v $(PYTHON) >/dev/null || { echo "$(NO_PYTHON)" >&2; exit 1; }; \
	exec $(PYTHON) config/stack/bootstrap.py

.PHONY: help demo test check bench reset lock setup
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: ## run Mainstay with a demo company; PORT=8000; Ctrl-C stops it, a second start keeps the data
	$(SETUP) demo --with-parent --port "$(PORT)"

test: ## set up and run every test; ARGS="tests/stack -x" for some of them
	$(SETUP) --lock dev test --args="$(ARGS)"

check: ## lint, types, import contracts, migrations, deployment settings, translations
	$(SETUP) --lock dev check

bench: ## the benchmarks; ARGS are passed on
	$(SETUP) --lock bench bench --args="$(ARGS)"

reset: ## stop the demo and delete its data; YES=1 does not ask
	$(SETUP) reset --yes "$(YES)"

lock: ## refresh the lock files; UPGRADE=1 takes newer versions
	$(SETUP) lock --upgrade "$(UPGRADE)"

setup: ## only make the virtual environment with everything for development
	$(SETUP) --lock dev
