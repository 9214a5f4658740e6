# Everything a contributor types. Needs Python 3.11 or newer and make; the rest is installed into .venv.
# torch goes first: without a GPU, what comes after it then pulls no CUDA.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := localize tests bench samples tools

EACH ?= 36
KILLS ?= 1000
TARGET_SECONDS ?= 600

.PHONY: help demo test test-fast test-browser faults fuzz pictures engines test-engines coverage profile mutants mutation-score lint format bench docs schemas clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("localize needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.demo: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet '.[offline]'
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[offline,review,subtitles,dev]'
	@touch $@

$(VENV)/.engines: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[all,dev]'
	@touch $@

demo: $(VENV)/.demo  ## install, dub samples/episode.mp4 to Spanish, print where everything is
	$(BIN)/localize dub samples/episode.mp4 --to es

test: $(VENV)/.dev  ## install what the tests need, run them all
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

test-fast: $(VENV)/.dev  ## unit tests that need no engine and less than a fifth of a second each: a minute on two free cores
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --hypothesis-profile fast -m 'not slow and not costly' tests/unit

coverage: $(VENV)/.dev  ## run the unit tests that need no engine, say which lines none of them reaches; fails where fewer are reached
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --hypothesis-profile fast --cov --cov-report=term -m 'not slow' tests/unit

mutants: $(VENV)/.dev  ## change EACH=36 places of each important module, one at a time: do fast unit tests notice?
	$(BIN)/python tools/mutation_score.py --each $(EACH)

mutation-score: $(VENV)/.dev  ## how many of those changes tests noticed so far, by module
	$(BIN)/python tools/mutation_score.py

test-browser: $(VENV)/.dev  ## the review room in a real browser: the system's Chromium, or CHROMIUM=/path/to/it
	$(BIN)/python -m pytest -n0 tests/browser

faults: $(VENV)/.dev  ## every fault of the table put into a dub, then KILLS=1000 kills at random places
	LOCALIZE_FAULTS=all $(BIN)/python -m pytest -n0 tests/faults
	$(BIN)/python bench/kills.py --kills $(KILLS)

fuzz: $(VENV)/.dev  ## damaged files for every reader, TARGET_SECONDS=600 of a core each; what crashes lies in fuzz-crashes
	$(BIN)/python tests/fuzz_targets.py $(TARGET_SECONDS)

pictures: $(VENV)/.dev  ## dub the sample, draw the pictures of docs/review.md from it into docs/images
	folder=$$(mktemp -d) && cp samples/episode.mp4 $$folder && $(BIN)/localize dub $$folder/episode.mp4 --to es -o $$folder/out \
	&& REVIEW_PICTURES_OF=$$folder/out REVIEW_PICTURES_TO=docs/images $(BIN)/python -m pytest -n0 tests/browser -k pictures

engines: $(VENV)/.engines  ## install every extra

test-engines: $(VENV)/.engines  ## the same with every extra installed (torch: some GB), so that every engine is tested
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

lint: $(VENV)/.dev  ## style, types, and which room may import which
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev  ## mend the style
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

profile: $(VENV)/.demo  ## what each stage of the demo's dub costs, from an empty store; a trace in localized/profile.json
	LOCALIZE_STORE=$$(mktemp -d) $(BIN)/localize dub samples/episode.mp4 --to es --profile-run localized/profile.json

bench: $(VENV)/.dev  ## what it costs and how well it does, measured here and now
	$(BIN)/python bench/dub.py
	$(BIN)/python bench/exact.py
	$(BIN)/python bench/timing.py

schemas: $(VENV)/.dev  ## write docs/schemas anew from the types of the code
	$(BIN)/python tools/schemas.py

docs: $(VENV)/.dev  ## write docs/cli.md anew from the command itself, build the site of docs/ into site/
	$(BIN)/python tools/cli_docs.py
	$(BIN)/mkdocs build --strict --clean

clean:  ## remove what make made
	rm -rf $(VENV) build dist mutants site *.egg-info .coverage .coverage.* .mypy_cache .ruff_cache
