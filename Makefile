# Each target sets up what it needs; once that is done, none needs the network.
.PHONY: demo test fuzz bench bench-peers chaos screenshots lint lock clean seeds

BIN := .venv/bin
GATEWAY := tests/peers/wechaty/node_modules/.installed
IMAGE := alerts intents pictures postgres telegram wechaty wecom
JOBS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

demo: .venv/.runtime  ## a shop to walk about in, in your browser; where nobody watches, told as chats and served for a minute
	@if [ -t 1 ]; then $(BIN)/huifang demo; else $(BIN)/huifang demo --once && $(BIN)/huifang demo --for 60; fi

test: .venv/.dev $(GATEWAY)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

fuzz: .venv/.dev  ## every parser and route, tried far longer than the tests do; HYPOTHESIS_PROFILE=long
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n $(JOBS) tests/hostile tests/bot/channels/test_telegram_fuzz.py

bench: .venv/.dev $(GATEWAY)
	@$(BIN)/python -m bench

bench-peers: .venv/.dev bench/peers/.venv/.installed  ## beside other schedulers, into docs/benchmarks.md; N=1000,10000 is a quick look
	@N=$(N) $(BIN)/python -m bench.peers

chaos: .venv/.dev  ## what may happen to it, done to it: docs/chaos.md; ARGS="NAME --seed N"
	@$(BIN)/python -m tests.chaos $(ARGS)

seeds: .venv/.dev  ## ten thousand made-up shops (docs/seeds.md); COUNT=500 for fewer
	@$(BIN)/python -m bench seeds --count $(or $(COUNT),10000)

screenshots: .venv/.dev  ## pictures of the console and the web chat, taken of the demo, into docs/images
	@$(BIN)/python -m tests.browser.screenshots

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/huifang scripts check
	$(BIN)/hadolint Dockerfile
	@$(BIN)/python .ci/audit

lock: .venv/.dev  ## new pins for what pyproject.toml asks; UPGRADE=--upgrade takes the newest of all
	@test -x $(BIN)/uv || $(PIP) uv
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --all-extras --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) $(IMAGE:%=--extra %) --constraint requirements-dev.lock --output-file deploy/docker/requirements.lock
	$(subst pyproject.toml,deploy/docker/build.in,$(COMPILE)) --output-file deploy/docker/build.lock
	$(subst pyproject.toml,bench/peers/requirements.txt,$(COMPILE)) --output-file bench/peers/requirements.lock

clean:
	rm -rf .venv bench/peers/.venv bench/peers/out tests/peers/wechaty/node_modules dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
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

bench/peers/.venv/.installed: bench/peers/requirements.lock | .venv/.runtime
	@$(BIN)/python -m venv --clear bench/peers/.venv
	@bench/peers/$(PIP) --require-hashes --requirement bench/peers/requirements.lock
	@touch $@

$(GATEWAY): $(wildcard tests/peers/wechaty/package-lock.json) | .venv/.runtime
	@sh tests/peers/wechaty/install
