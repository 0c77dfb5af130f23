# What a person types. The work is in scripts/; each of them can be run by itself.
.PHONY: run test dev fmt lint audit conformance fuzz clean

run: ## build everything and start the demonstration at http://127.0.0.1:8080
	@scripts/run.sh

test: ## everything continuous integration checks; `make test only="rustfmt web-test"` runs chosen sections
	@scripts/test.sh $(only)

dev: ## the demonstration from a debug build, pages from Vite at http://127.0.0.1:5173
	@scripts/dev.sh

fmt: ## put code into its usual shape
	cargo fmt --all
	cd web && npm run -s lint -- --fix

lint: ## the quick part of `make test`
	@scripts/test.sh rustfmt clippy web-lint web-types

audit: ## known weaknesses in dependencies; the only check that needs the network beyond registries
	@scripts/audit.sh

conformance: ## the cases of the Autobahn test suite against the frame decoder
	@scripts/conformance.sh

fuzz: ## ten minutes of each fuzz target; `make fuzz target=frames seconds=60`
	@scripts/fuzz.sh "$(target)" $(seconds)

clean:
	cargo clean
	rm -rf web/dist web/node_modules
