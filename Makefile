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
PORT ?= 8765
SECONDS ?= 1800

RUN := $(VENV)/bin/python
JOB_ARGS = --workspace "$(WORKSPACE)" $(if $(CONFIG),--config "$(CONFIG)") $(ARGS)
TAGGING = $(RUN) -m pipeline.tagging --config "$(or $(CONFIG),seeds/sample.toml)" --who "$(WHO)"
# What `make jars` has fetched serves a workspace on S3, unless SPARK_ARGS names other jars.
comma := ,
S3_JARS := $(if $(filter s3a:%,$(WORKSPACE)),$(wildcard build/jars/*.jar))
ifneq ($(S3_JARS),)
ifeq ($(findstring --packages,$(SPARK_ARGS))$(findstring --jars,$(SPARK_ARGS)),)
S3_ARGS := $(if $(MASTER),--jars $(subst $() ,$(comma),$(S3_JARS)),--driver-memory 2g --driver-class-path 'build/jars/*')
endif
endif
# Without a master the jobs start local Spark themselves, and only when there is work.
ifeq ($(strip $(MASTER)$(SPARK_ARGS)$(S3_ARGS)),)
SUBMIT = $(RUN)
else
SUBMIT = JAVA_HOME="$$($(RUN) -m pipeline.base.java)" PYSPARK_DRIVER_PYTHON="$(CURDIR)/$(RUN)" \
	$(VENV)/bin/spark-submit $(if $(MASTER),--master "$(MASTER)") $(S3_ARGS) $(SPARK_ARGS)
endif

.PHONY: help
help: ## list the targets
	@echo "make TARGET [VARIABLE=VALUE ...]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  N=3              the round to reach (default 1)"
	@echo "  WORKSPACE=URI    where tables live (default build/workspace)"
	@echo "  CONFIG=run.toml  the run (default seeds/sample.toml, on the sample web)"
	@echo "  MASTER=URL       Spark master (default local); SPARK_ARGS='...' for spark-submit"
	@echo "  TAGS=wait|auto|skip   what to do about domains that nobody has tagged"
	@echo "  ARGS='--dry-run' further arguments of the job"

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
round: setup $(if $(CONFIG),,sample-web) ## bring a workspace to the end of round N
	@$(SUBMIT) jobs/round.py --round $(N) --tags $(TAGS) $(JOB_ARGS)

.PHONY: rounds
rounds: setup $(if $(CONFIG),,sample-web) ## rounds until one finds almost nothing new (MAX=6 at most)
	@$(SUBMIT) jobs/rounds.py --round $(MAX) --tags $(TAGS) $(JOB_ARGS)

.PHONY: tags
tags: setup ## say what each URL pattern adds to the round after N, and which are dead or disputed
	@$(SUBMIT) jobs/tags.py --round $(N) --tags $(TAGS) $(JOB_ARGS)

.PHONY: tag
tag: setup ## open the page on which URL patterns are tagged (N, WHO, PORT)
	@$(TAGGING) --workspace "$(WORKSPACE)" --round $(N) --port $(PORT) $(ARGS)

.PHONY: merge-tags
merge-tags: setup ## merge another person's tags (OTHER=their.tsv), and show where they disagree
	@test -n "$(OTHER)" || { echo "merge-tags: say OTHER=their.tsv" >&2; exit 1; }
	@$(TAGGING) --merge "$(OTHER)"

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

.PHONY: jars
jars: setup ## fetch what Spark needs for a workspace on S3 (700 MB) into build/jars
	@$(RUN) -m pipeline.workspace.s3a --fetch build/jars

# Tests start this project's code in many processes: what Python compiles of it is kept.
PYTEST = PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest

.PHONY: test
test: setup ## run the tests, but for scenarios of minutes
	@$(PYTEST) -m "not slow" -n auto --maxprocesses 4 $(ARGS)

.PHONY: test-fast
test-fast: setup ## run the tests that start no Spark, no browser and no other program
	@$(PYTEST) -m "not slow and not spark and not browser and not process" \
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
bench: setup sample-web ## measure each step, beside peers (WARC=path for another file)
	@$(RUN) -m tests.bench $(if $(WARC),--warc "$(WARC)") $(ARGS)

.PHONY: bench-extraction
bench-extraction: setup sample-web ## measure text extraction, beside peers (WARC=file or glob)
	@$(RUN) -m pipeline.base.native || echo "measured as the interpreter runs it" >&2
	@$(RUN) -m tests.bench.extraction $(if $(WARC),--warc "$(WARC)") $(ARGS)

.PHONY: bench-reading
bench-reading: setup sample-web ## measure reading up to captures, beside bare loops (WARC=file or glob)
	@$(RUN) -m tests.bench.reading $(if $(WARC),--warc "$(WARC)") $(ARGS)

.PHONY: bench-decontamination
bench-decontamination: setup sample-web ## measure the search for benchmark texts, beside plain ways (WARC=file or glob)
	@$(RUN) -m tests.bench.decontamination $(if $(WARC),--warc "$(WARC)") $(ARGS)
	@$(RUN) -m tests.bench.injection

.PHONY: bench-classify
bench-classify: setup sample-web ## measure scoring at the paper's size, beside fastText (5 GB of disk)
	@$(RUN) -m tests.bench.classify $(if $(WARC),--warc "$(WARC)") $(ARGS)

.PHONY: bench-fidelity
bench-fidelity: setup sample-web ## measure what survives extraction, beside peers (SET=folder)
	@$(RUN) -m tests.bench.fidelity $(if $(SET),--set "$(SET)") $(ARGS)

.PHONY: bench-dedupe
bench-dedupe: setup sample-web ## measure deduplication: signing, growth to a million, a crawl beside peers
	@$(RUN) -m tests.bench.dedupe $(if $(WARC),--warc "$(WARC)") $(ARGS)

.PHONY: bench-topics
bench-topics: setup sample-web ## measure how well topics are told, and how fast (WARC=file or glob)
	@$(RUN) -m tests.bench.topics $(if $(WARC),--warc "$(WARC)") $(ARGS)

.PHONY: bench-features
bench-features: setup ## measure what the classifier reads of a page: segmentation, head or more
	@test -d build/bench-features/packages || $(RUN) -m pip install --quiet --no-deps \
	  --target build/bench-features/packages 'jieba==0.42.1' 'tokenizers==0.22.2'
	@$(RUN) -m tests.bench.features $(ARGS)

.PHONY: bench-rounds
bench-rounds: setup ## rounds on the sample web by taggers at the page's API, one that errs (PAGES=4000)
	@$(RUN) -m tests.bench.taggers --pages $(PAGES) $(ARGS)

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
	@rm -rf build/sample-web build/workspace build/bench build/bench-extraction build/bench-fidelity build/bench-dedupe build/bench-rounds build/bench-features build/bench-classify build/bench-decontamination build/peers build/fuzz build/fuzz-pages build/fuzz-archives build/setup.log build/native build/native.log build/jars build/duckdb-httpfs
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rmdir build 2>/dev/null || true
