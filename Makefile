# Needs Python 3.11 or newer with venv, git and make; everything else comes into .venv.

PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
STAMP := .venv/.installed
BUILD := build

COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help install lock demo test test-slow bench bench-convert bench-proxy bench-verify corpus-models corpus-queries corpus-wire docs lint format

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

install: $(STAMP) ## make .venv as requirements/dev.lock says

UV := .venv/.uv-$(UV_VERSION)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("strangler needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# Two steps, since an editable install has no hash to check.
$(STAMP): pyproject.toml requirements/dev.lock $(UV)
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

lock: $(UV) ## resolve pyproject.toml again and write requirements/*.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --extra demo --group dev -o requirements/dev.lock

demo: install ## a whole migration of the sample shop, while visitors use it
	@$(BIN)/strangler demo

PYTEST := $(BIN)/python -m pytest
SPREAD := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# With ARGS only what they name: make test ARGS="tests/config -k line"
test: install ## run the tests, the shop's own first, but for those that take long
	$(if $(ARGS),,cd sample_django_app && $(CURDIR)/$(BIN)/python -m pytest -q)
	$(PYTEST) $(or $(ARGS),-m "not slow" $(SPREAD))

test-slow: install ## convert and verify whole projects, on every database
	$(PYTEST) -m slow $(SPREAD) $(ARGS)

bench: install ## measure what people wait for
	@$(BIN)/python benchmarks/commands.py

bench-convert: install ## convert generated projects of up to 40,000 lines, measure time and memory
	@$(BIN)/python benchmarks/bench_convert.py $(if $(LINES),--lines $(LINES))

bench-proxy: install ## measure the routing proxy beside nginx
	@$(BIN)/python benchmarks/bench_proxy.py

bench-verify: install ## put mistakes into the generated shop, count those that verify finds
	@$(BIN)/python benchmarks/bench_verify.py --seed $(or $(SEED),7) $(if $(MUTANTS),--mutants $(MUTANTS)) $(if $(ONLY),--only $(ONLY))

# The first run brings Django's source distribution from PyPI into build/.
corpus-models: install ## convert the models of Django's own tests, compare tables and values
	@$(BIN)/python benchmarks/corpus_models.py --seed $(or $(SEED),7) $(if $(ONLY),--only $(ONLY)) $(if $(EACH),--each)

corpus-queries: install ## convert a corpus of Django queries, compare what both sides answer
	@$(BIN)/python benchmarks/corpus_queries.py --seed $(or $(SEED),7) $(if $(ONLY),--only $(ONLY))

# The first run brings older versions of DRF from PyPI into build/.
corpus-wire: install ## convert serializers and views made from a seed, compare what both sides answer
	@$(BIN)/python benchmarks/corpus_wire.py --seed $(or $(SEED),7) $(if $(ONLY),--only $(ONLY))

docs: install ## write docs/rules.md from the rules' docstrings
	$(BIN)/python -m strangler.convert.rules_page docs/rules.md

lint: install ## ruff, mypy --strict and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: install ## let ruff sort and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
