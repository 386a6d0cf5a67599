# Needs make, git and Python 3.11 or later with venv; everything else comes from the locks.
PYTHON ?= python3
BIN := .venv/bin
PACK ?= gongyi
SEED ?= 1
N ?= 500
ARGS ?=
# For checks that load the settings: no file is made, no database is touched.
DRY := CHUANGWEN_SECRET_KEY=only-for-checks DATABASE_URL=sqlite://:memory:

.DEFAULT_GOAL := help
.PHONY: help run setup dev test check lint types imports translated migrated tidy translations city bench storm docs locks ci clean

help: ## Print what each target does.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Set up once, then serve the sample city on http://127.0.0.1:8000 (another one: make run PACK=folder).
	@$(BIN)/chuangwen run --pack $(PACK)

setup: ## Install the locked packages and browser libraries; quick when nothing changed.
	@$(PYTHON) tools/bootstrap.py

dev: ## The same with the packages for tests and checks.
	@$(PYTHON) tools/bootstrap.py --dev

test: dev ## Run all tests on SQLite, on PostgreSQL if TEST_DATABASE_URL is set, in Chromium if there is one.
	@$(BIN)/python tools/run_tests.py $(ARGS)

check: lint types imports translated migrated ## Check style, types, direction of imports, translations, migrations.

lint: dev
	@$(BIN)/ruff check .

types: dev
	@$(DRY) $(BIN)/mypy

imports: dev
	@$(BIN)/lint-imports --no-cache

translated: dev
	@$(BIN)/python tools/translations.py check

migrated: dev
	@$(DRY) $(BIN)/python manage.py makemigrations --check --dry-run

tidy: dev ## Put imports and layout in order, mend what the style check can mend by itself.
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .

translations: dev ## Bring the English catalogue to the texts in the code; new ones are left empty to fill in.
	@$(BIN)/python tools/translations.py update

city: setup ## Make the big sample city in the database, always the same for the same SEED.
	@$(BIN)/chuangwen city --seed $(SEED)

bench: dev ## Measure the pages and scores that must stay quick, on a big city kept in var/bench (made at first use).
	@$(BIN)/chuangwen bench

storm: dev ## Play N schedules of two phones in a bad network, browsers killed in between; tell what was lost or doubled.
	@STORM=$(N) TEST_WORKERS=0 $(BIN)/python tools/run_tests.py tests/storm -s

docs: dev ## Write docs/generated anew from the code: flows, permissions, tables, settings.
	@$(BIN)/chuangwen docs

locks: dev ## Resolve all versions anew within requirements/*.in and frontend/package.json.
	@$(BIN)/python tools/write_locks.py

ci: ## Do all that the build server does, installing what is missing.
	@bash .ci/run

clean: ## Remove what setup made; the database and files in var/ stay.
	rm -rf .venv frontend/node_modules frontend/dist
