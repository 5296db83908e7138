# Each target sets up what it needs; once that is done, none needs the network.
.PHONY: demo test bench screenshots lint lock clean

BIN := .venv/bin
GATEWAY := tests/peers/wechaty/node_modules/.installed
JOBS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

demo: .venv/.runtime  ## a shop to walk about in, in your browser; where nobody watches, told as chats and served for a minute
	@if [ -t 1 ]; then $(BIN)/huifang demo; else $(BIN)/huifang demo --once && $(BIN)/huifang demo --for 60; fi

test: .venv/.dev $(GATEWAY)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

bench: .venv/.dev $(GATEWAY)
	@$(BIN)/python -m bench

screenshots: .venv/.dev  ## pictures of the console and the web chat, taken of the demo, into docs/images
	@$(BIN)/python -m tests.browser.screenshots

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/huifang scripts check

lock: .venv/.dev  ## new pins for what pyproject.toml asks; UPGRADE=--upgrade takes the newest of all
	@test -x $(BIN)/uv || $(PIP) uv
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --all-extras --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv tests/peers/wechaty/node_modules dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.runtime: requirements.lock
	@sh .ci/venv
	@$(PIP) --requirement requirements.lock
	@$(PIP) --no-deps --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@$(PIP) --requirement requirements-dev.lock
	@sh .ci/fonts
	@sh .ci/chromium
	@touch $@

$(GATEWAY): $(wildcard tests/peers/wechaty/package-lock.json) | .venv/.runtime
	@sh tests/peers/wechaty/install
