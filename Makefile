.DEFAULT_GOAL := help
.PHONY: help setup build test simulate demo bench fuzz client-check screenshots data-model format format-check clean

help: ## Show what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what the build needs
	@ops/setup

build: setup ## Build for debugging
	swift build

test: ## Run everything: unit suites, a simulation of two minutes, then the journeys against the real program
	@ops/setup tests
	swift build --build-tests
	swift test --skip-build --disable-xctest
	"$$(swift build --show-bin-path)/simulation" --seeds 12 --first 1 --operations 120 $(SIMULATED)
	"$$(swift build --show-bin-path)/simulation" --seeds 1000 --seconds 90 --operations 120 $(SIMULATED)
	ROUNDHOUSE_BIN="$$(swift build --show-bin-path)" .venv/bin/python -m pytest Tests/journeys -q -n $(JOBS) --maxschedchunk 1

# How many journeys run at once: most of a journey's time is waiting.
JOBS ?= 2

# Kinds of operations to leave out, for who looks for something else.
KNOWN ?=
SIMULATED = $(if $(KNOWN),--without $(KNOWN))
SEEDS ?= 20
OPERATIONS ?= 150

simulate: ## Run the server in one thread under a drawn disk, clock and provider (SEEDS=…, SEED=…, OPERATIONS=…, KNOWN=)
	@ops/setup
	swift build --product simulation
	"$$(swift build --show-bin-path)/simulation" $(if $(SEED),--seeds 1 --first $(SEED),--seeds $(SEEDS)) --operations $(OPERATIONS) $(SIMULATED)

demo: ## Run the main job with 2,000 people and a simulated provider (EXIT=1: end after the report)
	@ops/setup
	@echo "Building (a first build takes several minutes)"
	swift build -c release --product roundhouse
	swift build -c release --product twilio-simulator
	@EXIT=$(EXIT) ops/demo/run "$$(swift build -c release --show-bin-path)"

bench: ## Measure import, search and sending against references (ROWS=…, PEOPLE=…, ROUNDS=…, MANY=…, REST=…)
	@ops/setup bench
	swift build -c release --product roundhouse
	swift build -c release --product twilio-simulator
	@python3 ops/bench/run "$$(swift build -c release --show-bin-path)"

fuzz: ## Ask every address what its document allows and forbids, with other cases each time (RUNS=…, SEED=…)
	@ops/setup tests
	swift build --product roundhouse
	swift build --product twilio-simulator
	for run in $$(seq $(or $(RUNS),5)); do SEED=$(or $(SEED),$$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')) ROUNDHOUSE_BIN="$$(swift build --show-bin-path)" .venv/bin/python -m pytest Tests/journeys/test_schemathesis.py -q || exit 1; done

client-check: ## Make a typed client of the document and do the main job with it
	@ops/setup tests
	swift build --product roundhouse
	swift build --product twilio-simulator
	ROUNDHOUSE_BIN="$$(swift build --show-bin-path)" .venv/bin/python -m pytest Tests/journeys/test_client.py -q

screenshots: ## Pictures of every page (LINK=… signs in, TENANT=acme, STAFF=… signs in for the platform)
	@ops/setup tests
	@.venv/bin/python ops/screenshots "$(LINK)" "$(or $(TENANT),acme)" .screenshots "$(STAFF)"

data-model: ## Write docs/data-model.md from the schemas
	@python3 ops/docs/data_model.py

format: ## Format the sources
	swift format -i --recursive Sources Tests Package.swift

format-check: ## Check the format
	swift format lint --strict --recursive Sources Tests Package.swift

clean: ## Remove build output
	rm -rf .build .venv
