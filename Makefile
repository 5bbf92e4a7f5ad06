# Sixlink. A fresh machine needs make, git and Python 3.10 or newer with venv; everything else is
# put into .venv by the first target that needs it.

PYTHON ?= python3
SEEDS ?= 200
FROM ?=
SECONDS ?= 60
HOURS ?= 24
SEED ?= 1
ARGS ?=
PORT ?=
BOARD ?=
CONFIG ?= config.py

RUN := @.venv/bin/python

# A foreign PYTHONPATH would reach into .venv, and the MicroPython launcher cannot start with one.
unexport PYTHONPATH PYTHONHOME

.PHONY: help demo test check soak mutants reliability faults fuzz long-life bench mpy docs deploy repl pty-board release vmodem tools clean setup setup-check setup-docs setup-fuzz setup-bench

help:
	@sed -n 's/^## /  make /p' Makefile
	@echo
	@echo "  PYTHON=python3.12 picks the Python, MICROPYTHON=/path another MicroPython (1.24 or newer)."

## demo                    six links at work on a virtual modem, no hardware needed
demo: setup
	$(RUN) -m tools.demo $(ARGS)

## test [ARGS="-k name"]   all tests, four at a time: most of them wait for a wire
test: setup-check
	$(RUN) -m pytest --numprocesses 4 --dist loadgroup $(ARGS)

## check                   format, lint, spelling, layout, types, size of the code; docs build
check: setup-check setup-docs
	$(RUN) -m tools.check

## soak [SEEDS=n] [FROM=k] n seeded fault scenarios on a virtual clock, from seed k or a fresh one
soak: setup
	$(RUN) -m tools.soak --seeds $(SEEDS) $(if $(FROM),--from $(FROM)) $(ARGS)

## mutants [ARGS="name …"]  firmware broken on purpose: the scenarios must find every mistake
mutants: setup
	$(RUN) -m tools.mutants $(ARGS)

## fuzz [SECONDS=n]        let coverage guide bytes into the firmware and the virtual modem
fuzz: setup-fuzz
	$(RUN) -m tools.fuzz --seconds $(SECONDS) $(ARGS)

## reliability             what each fault costs an application: writes docs/reliability.md
reliability: setup
	$(RUN) -m tools.reliability $(ARGS)

## faults                  every pair of faults against real MicroPython: takes an hour
faults: setup
	$(RUN) -m pytest host_tests/test_real_faults.py --all-pairs $(ARGS)

## long-life [HOURS=n]     virtual hours of MQTT with a fault every few minutes, on real MicroPython
long-life: setup
	$(RUN) -m tools.long_life --hours $(HOURS) --seed $(SEED) $(ARGS)

## bench                   speed, cost, memory and size, beside their bounds: takes ten minutes
bench: setup-bench
	$(RUN) -m tools.bench $(ARGS)

## mpy                     compile the firmware to build/mpy and show what it weighs
mpy: setup-check
	$(RUN) -m tools.sizes

## docs                    this project's pages as a site: build/site/index.html
docs: setup-docs
	$(RUN) -m tools.docs

## deploy PORT=… BOARD=…  onto a board: compiled firmware, boards/<BOARD>, config.py
deploy: setup-check
	$(RUN) -m tools.deploy --port "$(PORT)" --board "$(BOARD)" --config "$(CONFIG)"

## repl PORT=…             the board's REPL, with the modem's status first
repl: setup
	$(RUN) -m tools.deploy.repl --port "$(PORT)"

## pty-board               no board? MicroPython on a pty, a virtual modem on its UART
pty-board: setup
	$(RUN) -m tools.pty_board $(ARGS)

## release                 the package for mip into dist/, and proof that it installs
release: setup-check
	$(RUN) -m tools.release

## vmodem [ARGS=...]       the virtual modem alone, on a pty
vmodem: setup
	$(RUN) -m tools.vmodem --pty $(ARGS)

## tools                   install the Debian packages that extras need (valgrind)
tools:
	@sh tools/debian.sh

## clean                   remove .venv, build and caches
clean:
	rm -rf .venv build dist .ruff_cache .mypy_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup setup-check setup-docs setup-fuzz setup-bench:
	@command -v $(PYTHON) >/dev/null || { echo "There is no '$(PYTHON)' here: install Python" \
	    "3.10 or newer (Debian: apt install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) tools/setup.py $(patsubst setup-%,--%,$(filter-out setup,$@))
