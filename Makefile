# make help lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
N ?= 1
MAX ?= 6
TAGS ?= wait
WORKSPACE ?= build/workspace
CONFIG ?=
MASTER ?=
SPARK_ARGS ?=
ARGS ?=
PAGES ?= 4000
WHO ?= $(shell id -un)
SECONDS ?= 1800
URL ?=
SQL ?=
OUT ?= record.warc.gz
HOST ?=
PATTERN ?=
FILE ?=
REASON ?=
UNDO ?=
TO ?=
SHUFFLE ?=
CRAWLS ?=
CORES ?= 100
PRICE ?= 0
FIGURES ?=

RUN := $(VENV)/bin/python
# One word to the shell, whatever is in it. ARGS is the shell's to part.
quoted = '$(subst ','\'',$(1))'
SUBMIT = $(RUN) -m pipeline.workspace.submit --master=$(call quoted,$(MASTER)) --spark-args=$(call quoted,$(SPARK_ARGS))
JOB_ARGS = --workspace $(call quoted,$(WORKSPACE)) $(if $(CONFIG),--config $(call quoted,$(CONFIG))) $(ARGS)
TAGGING = $(RUN) -m pipeline.tagging --workspace $(call quoted,$(WORKSPACE)) $(if $(CONFIG),--config $(call quoted,$(CONFIG))) --who $(call quoted,$(WHO))
# Without CONFIG a run is the one that the workspace keeps, or in a new workspace the sample's.
SAMPLE = $(if $(CONFIG)$(shell test -f $(call quoted,$(WORKSPACE)/run.json) && echo kept),,sample-web)

# A variable that nothing here reads would be passed over without a word. Those that make's own
# rules have are compilers' affairs.
KNOWN := PYTHON VENV N MAX TAGS WORKSPACE CONFIG MASTER SPARK_ARGS ARGS PAGES WHO PORT SECONDS \
  OTHER URL SQL OUT HOST PATTERN FILE REASON UNDO TO SHUFFLE CRAWLS CORES PRICE FIGURES BENCH CC CFLAGS CPPFLAGS CXX CXXFLAGS LDFLAGS LDLIBS SHELL MAKE MAKEFLAGS MAKEFILES
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
UNKNOWN := $(filter-out $(KNOWN),$(GIVEN))
ifneq ($(UNKNOWN),)
NEAREST := $(shell "$(PYTHON)" -c 'import difflib, sys; \
  print(*difflib.get_close_matches(sys.argv[1].upper(), sys.argv[2:], 1))' \
  $(call quoted,$(firstword $(UNKNOWN))) $(KNOWN) 2>/dev/null)
$(error no variable $(firstword $(UNKNOWN)) here$(if $(NEAREST),: did you mean $(NEAREST)?,; make help lists them))
endif

.PHONY: help
help: ## list the targets
	@echo "make TARGET [VARIABLE=VALUE ...]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  N=3              the round to reach (default 1)"
	@echo "  WORKSPACE=URI    where tables live (default build/workspace)"
	@echo "  CONFIG=run.toml  the run (default: what WORKSPACE keeps, or the sample web)"
	@echo "  MASTER=URL       Spark master (default local); SPARK_ARGS='...' for spark-submit"
	@echo "  TAGS=wait|auto|skip   what to do about domains that nobody has tagged"
	@echo "  ARGS='--dry-run' further arguments of the job, or of the bench"

.PHONY: setup
setup: $(VENV)/.complete ## make .venv with pinned versions

$(VENV)/.complete: pyproject.toml constraints.txt pipeline/base/bootstrap.py
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "setup: no $(PYTHON) here: install Python 3.11 or later, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" pipeline/base/bootstrap.py $(VENV)

.PHONY: compile
compile: setup ## compile text extraction to machine code, half again as fast (needs a C compiler)
	@$(RUN) -m pipeline.base.native

.PHONY: round
round: setup $(SAMPLE) ## bring a workspace to the end of round N
	@$(SUBMIT) jobs/round.py --round $(N) --tags $(TAGS) $(JOB_ARGS)

.PHONY: rounds
rounds: setup $(SAMPLE) ## rounds until one finds almost nothing new (MAX=6 at most)
	@$(SUBMIT) jobs/rounds.py --round $(MAX) --tags $(TAGS) $(JOB_ARGS)

.PHONY: tags
tags: setup ## say what each URL pattern adds to the round after N, and which are dead or disputed
	@$(SUBMIT) jobs/tags.py --round $(N) --tags $(TAGS) $(JOB_ARGS)

.PHONY: tag
tag: setup ## open the page on which URL patterns are tagged (N, WHO, PORT)
	@$(TAGGING) --round $(N) $(if $(PORT),--port $(PORT)) $(ARGS)

.PHONY: tags-file
tags-file: setup ## make the file of tags that CONFIG names, with nothing but its header
	@$(TAGGING) --make-file

.PHONY: merge-tags
merge-tags: setup ## merge another person's tags (OTHER=their.tsv), and show where they disagree
	@test -n $(call quoted,$(OTHER)) || { echo "merge-tags: say OTHER=their.tsv" >&2; exit 1; }
	@$(TAGGING) --merge $(call quoted,$(OTHER))

.PHONY: annotation
annotation: setup ## write what round N found of each domain as a table that others can join
	@$(SUBMIT) jobs/annotation.py --round $(N) $(JOB_ARGS)

.PHONY: report
report: setup ## write the report of the corpus (N: the last round) as one page
	@$(SUBMIT) jobs/report.py --round $(N) $(JOB_ARGS)

.PHONY: why
why: setup ## tell what became of an address, and why (URL=…)
	@test -n $(call quoted,$(URL)) || { echo "why: say URL=https://…" >&2; exit 1; }
	@$(SUBMIT) jobs/why.py --url $(call quoted,$(URL)) $(JOB_ARGS)

.PHONY: record
record: setup ## write the WARC record of an address (URL=…) to a file (OUT=record.warc.gz)
	@test -n $(call quoted,$(URL)) || { echo "record: say URL=https://…" >&2; exit 1; }
	@$(SUBMIT) jobs/record.py --url $(call quoted,$(URL)) --out $(call quoted,$(OUT)) $(JOB_ARGS)

.PHONY: remove
remove: setup ## take pages out for good: URL=… HOST=… PATTERN=… or FILE=…, with REASON=…; UNDO=1
	@test -n $(call quoted,$(URL)$(HOST)$(PATTERN)$(FILE)$(UNDO)$(ARGS)) || { echo "remove: say URL=, HOST=, PATTERN= or FILE=, and REASON=" >&2; exit 1; }
	@$(SUBMIT) jobs/remove.py $(if $(URL),--url $(call quoted,$(URL))) \
	  $(if $(HOST),--host $(call quoted,$(HOST))) $(if $(PATTERN),--pattern $(call quoted,$(PATTERN))) \
	  $(if $(FILE),--file $(call quoted,$(FILE))) $(if $(REASON),--reason $(call quoted,$(REASON))) \
	  $(if $(UNDO),--undo $(call quoted,$(UNDO))) $(JOB_ARGS)

.PHONY: publish
publish: setup ## write the corpus as others take it: TO=folder or TO=hf://datasets/…; SHUFFLE=1 mixes it
	@test -n $(call quoted,$(TO)) || { echo "publish: say TO=folder or TO=hf://datasets/OWNER/NAME" >&2; exit 1; }
	@$(SUBMIT) jobs/publish.py --to $(call quoted,$(TO)) $(if $(SHUFFLE),--shuffle $(call quoted,$(SHUFFLE))) $(JOB_ARGS)

.PHONY: query
query: setup ## ask the workspace in SQL (SQL='from outcomes'; without, questions are typed)
	@$(RUN) -m pipeline.workspace.query --workspace $(call quoted,$(WORKSPACE)) $(if $(SQL),--sql $(call quoted,$(SQL)))

.PHONY: sample-web
sample-web: setup ## make the sample web (PAGES=4000)
	@$(RUN) -m pipeline.sampleweb --out build/sample-web --pages $(PAGES)

.PHONY: openwebmath
openwebmath: setup ## fetch the paper's seed (16 GB) to where seeds/openwebmath.toml looks
	@$(RUN) -m pip install --quiet huggingface_hub
	@$(VENV)/bin/hf download open-web-math/open-web-math --repo-type dataset \
	  --include 'data/*.parquet' --local-dir seeds/openwebmath || { \
	  echo "openwebmath: not fetched. Where Hugging Face cannot be reached, put the Parquet files of" >&2; \
	  echo "open-web-math/open-web-math into seeds/openwebmath/data yourself" >&2; exit 1; }

.PHONY: cluster
cluster: setup ## start a Spark cluster on this machine: a master and two workers, on loopback
	@$(RUN) -m pipeline.workspace.cluster start $(ARGS)

.PHONY: cluster-stop
cluster-stop: setup ## end the cluster that make cluster started
	@$(RUN) -m pipeline.workspace.cluster stop

.PHONY: plan
plan: setup ## what a job costs (CRAWLS=CC-MAIN-2024-51 or 2.6e9 pages, CORES=1000 PRICE=0.05)
	@test -n $(call quoted,$(CRAWLS)) || { echo "plan: say CRAWLS=CC-MAIN-2024-51 or CRAWLS=2.6e9" >&2; exit 1; }
	@$(RUN) -m pipeline.report.job_costs --crawls $(call quoted,$(CRAWLS)) --cores $(call quoted,$(CORES)) \
	  --price $(call quoted,$(PRICE)) $(if $(FIGURES),--figures $(call quoted,$(FIGURES))) $(ARGS)

.PHONY: calibrate
calibrate: setup ## measure what a page of the sample web costs here, for make plan FIGURES=build/figures.json
	@$(RUN) -m pipeline.loop.calibrate $(ARGS)

.PHONY: cluster-env
cluster-env: setup ## write what a bare cluster needs (packages, code) to build/cluster-env
	@$(RUN) -m pipeline.workspace.environment $(ARGS)

.PHONY: jars
jars: setup ## fetch what Spark needs for a workspace on S3 (700 MB) into build/jars
	@$(RUN) -m pipeline.workspace.s3a --fetch build/jars

# Tests start this project's code in many processes: what Python compiles of it is kept.
PYTEST = PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest

.PHONY: test
test: setup ## run the tests, but for scenarios of minutes
	@$(PYTEST) -m "not slow" -n auto --maxprocesses 4 $(ARGS)

.PHONY: test-fast
test-fast: setup ## run the tests of a minute: no Spark, no browser, no other program
	@$(PYTEST) -m "not slow and not spark and not browser and not process and not long" \
	  -n auto --maxprocesses 4 --dist worksteal $(ARGS)

.PHONY: test-slow
test-slow: setup ## run the scenarios of minutes
	@$(PYTEST) -m slow -n auto --maxprocesses 2 $(ARGS)

.PHONY: check
check: setup ## lint, format and types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

.PHONY: bench
bench: setup ## measure (BENCH=name; without, the names and what each costs)
	@$(RUN) -m tests.bench $(call quoted,$(BENCH)) $(ARGS)

.PHONY: fuzz
fuzz: setup ## coverage-guided fuzzing of text extraction and of archives, in turn (SECONDS=1800 each)
	@test -d build/fuzz/atheris || $(RUN) -m pip install --quiet --target build/fuzz 'atheris>=3,<4'
	@mkdir -p build/fuzz-findings
	@for what in pages archives; do \
	  PYTHONPATH=build/fuzz MATHMINE_INTERPRETED=1 $(RUN) -m tests.fuzz $$what \
	    -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=4000 -max_len=4000 \
	    -artifact_prefix=build/fuzz-findings/ build/fuzz-$$what || exit 1; \
	done

.PHONY: settings
settings: setup ## write docs/settings.md anew, after a change of pipeline/config/settings.py
	@$(RUN) -m pipeline.config.settings_page docs/settings.md

.PHONY: clean
clean: ## remove the sample web, its default workspace and caches; never a named workspace
	@test ! -e build/cluster/cluster.json || { echo "clean: first make cluster-stop" >&2; exit 1; }
	@rm -rf build/sample-web build/workspace build/bench build/bench-extraction build/bench-fidelity build/bench-dedupe build/bench-rounds build/bench-features build/bench-classify build/bench-decontamination build/peers build/fuzz build/fuzz-pages build/fuzz-archives build/setup.log build/native build/native.new build/native.log build/jars build/cluster build/cluster-env build/sparks build/figures.json build/duckdb-httpfs
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rmdir build 2>/dev/null || true
