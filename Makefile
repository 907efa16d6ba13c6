# `make` alone lists what there is. Every target works from a fresh clone with nothing but Go prepared.
GO ?= go
GOLANGCI ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help
.PHONY: help demo test build lint fmt bench corpora load test-faults clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{ printf "  make %-11s %s\n", $$1, $$2 }'

demo: ## the whole journey on a throw-away PostgreSQL; leaves nothing behind
	@bash .ci/prepare gcc postgres
	@$(MAKE) --no-print-directory build
	@bash examples/shop/demo.sh

# The packages whose tests take longest begin first, so that the others run beside them and nothing waits for them at the end.
LONGEST := ./cmd/internal/draft ./cmd/pleat

test: ## go vet and all tests, with the count and every skip's reason
	@bash .ci/prepare gcc postgres pgbouncer
	@$(GO) build -o bin/tally ./cmd/internal/tally
	@bin/tally -vet -counts '$(COUNTS)' -- -timeout 40m $(TESTFLAGS) $(LONGEST) ./...

build: ## bin/pleat
	$(GO) build -o bin/pleat ./cmd/pleat

lint: ## golangci-lint with .golangci.yml
	$(GO) run $(GOLANGCI) run ./...

fmt: ## format all Go files
	gofmt -l -w $$(git ls-files '*.go')

bench: ## compare inspection and planning with pg_dump on 1,000 tables
	@bash .ci/prepare gcc postgres
	$(GO) test -run '^$$' -bench . -benchtime 5x ./cmd/internal/bench

corpora: build ## run bin/pleat over real schemas, with pg_dump as the judge
	$(GO) run ./cmd/corpora $(CORPORA)

load: build ## apply every recipe to tables of 1,000,000 rows while clients read and write
	@bash .ci/prepare gcc postgres
	$(GO) run ./cmd/load $(LOAD)

FAULTS ?= -others 0.3
test-faults: build ## disturb bin/pleat at every place where it can be, and see whether the next run makes it good
	@bash .ci/prepare gcc postgres
	$(GO) run ./cmd/faults $(FAULTS)

clean: ## remove bin
	rm -rf bin
