# Every command a person or CI needs. `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
DB ?= sqlite
CHECK ?= yes
WORKERS ?= 2
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --generate-hashes --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --allow-unsafe --strip-extras

# Variables given on the command line reach every script by themselves: make demo PORT=9000, make bench ONLY=bids.
export DB

.DEFAULT_GOAL := help
.PHONY: help demo dev test check lint-fix bench screenshots search-server messages lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

demo: ## play the whole story in a browser (PORT=8000, DATA_DIR=var)
	@$(PYTHON) ops/install.py base
	@exec $(BIN)/python ops/demo.py

dev: ## set up .venv with everything tests and checks need
	@$(PYTHON) ops/install.py dev

test: dev ## run checks and tests (DB=sqlite|postgres, K=expression, CHECK=no leaves the checks out)
	@case "$(DB)" in sqlite|postgres) ;; *) echo "DB must be sqlite or postgres, not $(DB)." >&2; exit 2;; esac
	@if [ "$(CHECK)" != no ]; then $(BIN)/python ops/check.py; fi
	@$(BIN)/python manage.py messages --compile
	@$(if $(filter postgres,$(DB)),$(BIN)/python ops/postgres.py run --) \
		$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(if $(K),-k "$(K)")

check: dev ## run linters, types, import rules, migrations and catalogues
	@$(BIN)/python ops/check.py

lint-fix: dev ## let ruff repair what it can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: dev ## measure (ONLY=name for one, WRITE=yes renews docs/performance.md)
	@$(BIN)/python tests/benchmarks/run.py $(if $(WRITE),--write)

screenshots: dev ## let the browser tests take the pictures in docs/pictures
	@$(BIN)/python manage.py messages --compile
	@SCREENSHOTS=docs/pictures $(BIN)/python -m pytest tests/browser -q

search-server: dev ## run a throw-away search server till Ctrl-C (SERVER=elasticsearch|opensearch; needs Java and Maven)
	@$(BIN)/python ops/search_server.py $(SERVER) run -- \
		sh -c 'echo "ELASTICSEARCH_URL=$$ELASTICSEARCH_TEST_URL"; exec sleep infinity'

messages: dev ## renew the message catalogues from the sources
	@$(BIN)/python manage.py messages

lock: dev ## pin requirements again, with hashes
	@$(LOCK) $(UPGRADE) -o requirements/base.txt requirements/base.in
	@$(LOCK) $(UPGRADE) -o requirements/dev.txt requirements/dev.in

clean: ## remove what the commands made, except .venv
	rm -rf var staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./.venv -prune -o \( -name __pycache__ -o -name '*.mo' \) -print0 | xargs -0 rm -rf
