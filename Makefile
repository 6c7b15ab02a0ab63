# What there is to do here. `make test` installs what its tests need; plain `go test ./...` needs only Go.

.PHONY: demo build test lint bench

demo: ## everything in one process, with demo customers and an inbox
	go run ./cmd/latchkey demo

build: ## the program as it is released: static and small
	bash .ci/build latchkey

test: ## every test, with the race detector, a browser and all
	bash .ci/test

lint: ## format, vet and the linters of .golangci.yml
	bash .ci/lint

bench: ## how fast it is here: the journey beside its floors in one table, then what is hot in Go
	bash .ci/bench
