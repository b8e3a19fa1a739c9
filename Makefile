# Each target is one command; `make help` lists them. CI calls the same ones.

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: bootstrap
bootstrap: ## Build and install dbctl, bring the sample project up, show its ledger
	@compose/bootstrap

.PHONY: build
build: ## Build the release binary, target/release/dbctl
	cargo build --release --locked

.PHONY: check
check: ## Formatting and lints, warnings are errors
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

.PHONY: prerequisites
prerequisites: ## Make or install what the tests need: images, a server's programs, compose
	@tests/bench/prerequisites

.PHONY: test
test: prerequisites check ## All checks and tests, on a real engine and a real server
	compose/base/check 15
	compose/base/check 17
	compose/check 15
	compose/check 17
	cargo test --locked

.PHONY: test-psql
test-psql: build ## PostgreSQL's own regression suite through psql and dbctl, a million token soups, a script of 2 GB
	tests/psql/regress
	DBCTL_HUGE=2147483648 cargo test --locked psql::huge -- --nocapture
	DBCTL_SOUPS=1000000 cargo test --locked sql::soup

.PHONY: test-fresh
test-fresh: ## Fresh rebuilds at length: 200 generated histories, a database of 5 GB, all ends at every step
	DBCTL_HISTORIES=200 DBCTL_LARGE=5000 cargo test --locked fresh:: -- --nocapture --test-threads=1
	DBCTL_EVERY_END=1 cargo test --locked ended:: -- --nocapture --test-threads=1

.PHONY: bench
bench: build prerequisites ## Measure what is promised about speed, as ratios
	tests/bench/run

.PHONY: clean
clean: ## Remove what was built; containers, volumes and images stay
	cargo clean
