# make demo and make test set up what they need; both can be run again and again.
# Another model:  make demo MODEL=models/other.gguf     Without C++:  cargo build --no-default-features
# Another Lean:   make demo LEAN=/path/to/bin/lean

MODELS = models
DEFAULT_MODEL = $(MODELS)/SmolLM2-135M-Instruct-Q4_1.gguf
MODEL = $(DEFAULT_MODEL)
LIMIT = 5
LEAN_FOLDER = lean-core
DEFAULT_LEAN = $(LEAN_FOLDER)/bin/lean
LEAN = $(DEFAULT_LEAN)

export MODEL LIMIT LEAN

KILLS = 100
CHECKS = 10000
CALLS = 10000
FUZZ_SECONDS = 600

.PHONY: help setup model lean build demo test kill-test soak-test fuzz-test test-server test-embedder clean distclean

help:
	@echo "make demo       set up, build, get the default model, and run the sample suite on it, judge two proofs"
	@echo "make test       set up, and run every check and test"
	@echo "make kill-test  kill a run KILLS=100 times at random moments and look for losses"
	@echo "make soak-test  judge CHECKS=10000 proofs in Lean, one in twenty hanging, crashing or greedy (15 minutes),"
	@echo "                and answer CALLS=10000 calls of a model, many cancelled, late, too long or wrong"
	@echo "make fuzz-test  FUZZ_SECONDS=600 of mutated inputs for each parser of untrusted text, all at once"
	@echo "make test-server  build a real llama-server and test the remote driver on it (12 minutes)"
	@echo "make test-embedder  get an embedder (84 MB), convert it and compare its vectors with reference figures"
	@echo "make build      set up, and build the program"
	@echo "make setup      install what building needs: cmake, g++, libclang-dev, python3, pip"
	@echo "make model      get the default model (98 MB)"
	@echo "make lean       set up the small Lean of demo and tests (58 MB to fetch, 224 MB on the disk)"
	@echo "make clean      remove what was built"
	@echo "make distclean  remove the models and the small Lean as well; the database stays"

setup:
	@scripts/setup.sh

# Any other model is a file of the user's own.
model: setup
	@if [ "$(MODEL)" = "$(DEFAULT_MODEL)" ]; then scripts/get-model.sh "$(MODELS)"; \
	elif [ ! -f "$(MODEL)" ]; then echo "model: $(MODEL) is not there" >&2; exit 1; fi

# Any other Lean is the user's own. Where there is no small one for the machine, demo and tests do without and say so.
lean: setup
	@if [ "$(LEAN)" != "$(DEFAULT_LEAN)" ]; then [ -x "$(LEAN)" ] || { echo "lean: $(LEAN) is not there" >&2; exit 1; }; \
	elif [ "$$(uname -s)-$$(uname -m)" = Linux-x86_64 ]; then scripts/get-lean.sh "$(LEAN_FOLDER)"; \
	else echo "lean: skipped: the small Lean is for Linux on x86_64 only" >&2; fi

build: setup
	cargo build --locked

demo: build model lean
	@scripts/demo.sh

test: model lean
	@scripts/test.sh

kill-test: setup
	STEPPROOF_KILLS=$(KILLS) cargo test --locked --test hermetic recovery -- --nocapture

soak-test: lean
	STEPPROOF_SOAK=$(CHECKS) STEPPROOF_REQUIRE_REAL=1 STEPPROOF_TEST_LEAN="$(abspath $(LEAN))" \
		STEPPROOF_SOAK_CALLS=$(CALLS) cargo test --locked --test real soak -- --nocapture

fuzz-test: setup
	STEPPROOF_FUZZ_SECONDS=$(FUZZ_SECONDS) cargo test --locked --lib fuzz -- --nocapture
	STEPPROOF_FUZZ_GGUF=1 cargo test --locked --test real gguf -- --nocapture

test-server: model
	scripts/get-llama-peers.sh
	STEPPROOF_REQUIRE_SERVER=1 cargo test --locked --test real server

test-embedder: setup
	scripts/get-embedder.sh "$(MODELS)"
	STEPPROOF_REQUIRE_EMBEDDER=1 STEPPROOF_TEST_EMBEDDER="$(abspath $(MODELS))/all-MiniLM-L6-v2" \
		cargo test --locked --test real embed

clean:
	cargo clean

distclean: clean
	rm -rf "$(MODELS)" "$(LEAN_FOLDER)"
