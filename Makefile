# Everything a newcomer types. Needs Python 3.11 or later and make; the rest is installed into .venv by hash.
PYTHON ?= python3
VENV := .venv
PEERS := tests/acceptance/peers
BIN := $(VENV)/bin
CHECKED := bot cards dialogs store tests bench examples

.PHONY: demo test check acceptance bench screenshots lock clean

demo: $(VENV)/.runtime
	$(BIN)/dialogbot demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto -m "not acceptance"

check: $(VENV)/.dev
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy

acceptance: $(VENV)/.peers
	$(BIN)/python -m pytest -n 2 --dist loadfile -m acceptance

bench: $(VENV)/.dev
	$(BIN)/python bench/turns.py
	$(BIN)/python bench/slack.py
	$(BIN)/python bench/deliveries.py
	$(BIN)/python bench/status.py
	$(BIN)/python bench/reports.py

screenshots: $(VENV)/.peers
	$(BIN)/python -m tests.acceptance.screenshots docs/pictures
	$(BIN)/python -m tests.acceptance.slack_pictures docs/pictures
	$(BIN)/python -m tests.acceptance.teams_pictures --documents docs/pictures

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
lock: $(VENV)/.dev
	$(LOCK) pyproject.toml requirements/build.in -o requirements/run.txt
	$(LOCK) --all-extras --group dev pyproject.toml requirements/build.in -o requirements/dev.txt

$(VENV)/.runtime: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

$(VENV)/.peers: $(VENV)/.dev $(PEERS)/package-lock.json
	cd $(PEERS) && PATH="$(abspath $(BIN)):$$PATH" npm ci --silent
	touch $@

clean:
	rm -rf $(VENV) $(PEERS)/node_modules .pytest_cache .mypy_cache .ruff_cache
