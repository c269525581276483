# Ascend: `make` builds a runnable tree in .build/ascend, `make demo` restores a real machine with it.

CONFIG ?= debug
PREFIX ?= /opt/ascend
DESTDIR ?=
# `make PACKAGES=` leaves the machine's packages alone.
PACKAGES ?= scripts/install-packages

TREE := .build/ascend
CONNECTORS := $(patsubst Plugins/%/Package.swift,%,$(wildcard Plugins/*/Package.swift))
CONNECTOR_SCRATCH := .build/connectors
SWIFT_SOURCES := Package.swift $(wildcard Sources Tests Plugins Benchmarks sdk)
# What is installed carries the Swift runtime with it.
STATIC := --static-swift-stdlib

.DEFAULT_GOAL := build
.PHONY: build host connectors packages vcsim demo test test-fast test-matrix fuzz libfuzzer lint format install uninstall bench bench-tools clean help
.NOTPARALLEL:

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@echo "  CONFIG=debug|release chooses the host's configuration; connectors are always release."

packages:
	@$(PACKAGES)

host: packages
	swift build -c $(CONFIG) --product ascend

connectors: packages $(CONNECTORS:%=connector-%)

connector-%:
	@scripts/forget-plan $(CONNECTOR_SCRATCH) Plugins/$*
	swift build -c release $(STATIC) --package-path Plugins/$* --scratch-path $(CONNECTOR_SCRATCH) --product $*-connector

build: host connectors ## Build, and put a runnable tree in .build/ascend
	@scripts/assemble --host "$$(swift build -c $(CONFIG) --show-bin-path)" \
		--connectors $(CONNECTOR_SCRATCH)/release --output $(TREE)
	@echo "Built: $(TREE)/bin/ascend"

vcsim: packages ## Build the simulator of vCenter that the tests use
	@scripts/make-vcsim

demo: packages ## Restore a real machine on this computer and boot it
	@mkdir -p .build
	@Lab/make-guest --tree-only 2>.build/demo-tree.log & tree=$$!; \
	$(MAKE) --no-print-directory build || { kill $$tree 2>/dev/null; exit 1; }; \
	wait $$tree || { cat .build/demo-tree.log >&2; exit 1; }
	@ASCEND_BIN=$(CURDIR)/$(TREE)/bin/ascend ASCEND_DEMO_DIR=$${ASCEND_DEMO_DIR:-$(CURDIR)/.build/demo} scripts/demo

test: ## Lint, every test, with real guests; ends with "N passed, N failed"
	@scripts/test

test-fast: ## The same without anything that boots a guest
	@scripts/test --fast

# The same seed makes the same inputs; by default each day has its own.
fuzz: FUZZ_INPUTS ?= 10000
fuzz: FUZZ_SEED ?= $(shell date +%Y%m%d)
fuzz: packages ## Damaged and hostile inputs for every reader and for connectors: FUZZ_INPUTS of each, those of FUZZ_SEED
	@echo "seed $(FUZZ_SEED)"
	@ASCEND_FUZZ_INPUTS=$(FUZZ_INPUTS) ASCEND_FUZZ_SEED=$(FUZZ_SEED) ASCEND_FUZZ_READERS='$(FUZZ_READERS)' \
		swift test --disable-xctest --filter '^(BackupsTests|ConnectorsTests)\.FuzzTests/'

libfuzzer: packages ## The parsers by libFuzzer, FUZZ_SECONDS (60) each; what breaks one is kept in .build/libfuzzer-found
	@scripts/libfuzzer $(or $(FUZZ_SECONDS),60) $(FUZZ_READERS)

test-matrix: build ## Every guest of the lab on every hardware, encrypted ones, one in a snapshot of EBS; long without KVM
	@scripts/make-fixtures $(CURDIR)/.build/lab
	ASCEND_TEST_MATRIX=1 ASCEND_LAB=$(CURDIR)/.build/lab ASCEND_TEST_PYTHON=$$(scripts/test-tools) swift test --disable-xctest \
		--filter 'BootMatrixGuestTests|PrepareLabTests|EncryptedLabTests|AgentRemovalLabTests|RemoteSourceGuestTests|PromotionGuestTests'

lint: ## Check the style of all Swift sources
	@swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: ## Bring all Swift sources into that style
	@swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

install: packages connectors ## Install a release build below PREFIX (default /opt/ascend)
	swift build -c release $(STATIC) --product ascend
	@scripts/assemble --host "$$(swift build -c release $(STATIC) --show-bin-path)" \
		--connectors $(CONNECTOR_SCRATCH)/release --output "$(DESTDIR)$(PREFIX)"
	@echo "Installed: $(DESTDIR)$(PREFIX)/bin/ascend"

uninstall: ## Remove what `make install` put there
	@scripts/uninstall "$(DESTDIR)$(PREFIX)"

bench-tools: packages
	swift build -c release --product disk-bench
	@scripts/forget-plan $(CONNECTOR_SCRATCH) Plugins/aws
	swift build -c release $(STATIC) --package-path Plugins/aws --scratch-path $(CONNECTOR_SCRATCH) --product ebs-push

bench: CONFIG = release
bench: build vcsim bench-tools ## Measure against named baselines; Benchmarks/README.md has the figures
	@ASCEND_TREE=$(CURDIR)/$(TREE) Benchmarks/run

clean: ## Remove everything that was built
	rm -rf .build
