# The chores of this project. Each does its own set-up; a fresh machine needs a Rust toolchain and the network.
.DEFAULT_GOAL := help
.PHONY: help demo test test-cluster lint bench bombs parity crates platforms fuzz fuzz-quick chaos chaos-io chaos-cluster load dist setup build

help:
	@echo "make demo    build, serve, push real modules, and run a cargo project that uses the crates"
	@echo "make test    every test, with the real cargo, the real buf and a real browser"
	@echo "make test-cluster  those of them that are about no data directory, once more with PostgreSQL in its place"
	@echo "make lint    formatting, clippy and documentation, warnings denied"
	@echo "make bombs   sources that are made to cost much, eight times as large as in make test"
	@echo "make parity  embedded plugins against their executables, and cargo check on what they make (slow, once)"
	@echo "make crates  the second half of that alone: every crate that any plugin version makes is compiled; only=PLUGIN"
	@echo "make chaos   kills registries 1,000 times while clients push, and looks at all that was acknowledged; cycles=N"
	@echo "make chaos-io  lets every call on the database fail in every way, and looks at the same; calls=N (Linux)"
	@echo "make chaos-cluster  kills nodes on one database 200 times while clients push, and looks at the same; cycles=N"
	@echo "make load    10 minutes of many clients at once: errors, times, memory and descriptors; seconds=60 is shorter"
	@echo "make platforms  the program compiles for macOS and Windows, as far as that can be told without their C compilers"
	@echo "make fuzz    every reader of strangers' bytes for 10 minutes, coverage guided; minutes=1 only=markdown"
	@echo "make fuzz-quick  the same readers by chance, in a minute, without building anything twice"
	@echo "make dist    the archive of a release, with its SHA-256, in target/dist; target=TRIPLE for another system"
	@echo "make bench   speed and memory, as ratios to peers on the same machine; only=push measures one section"

setup:
	@tests/setup

build:
	@cargo build --locked

demo: setup build
	@tests/demo

# Some tests wait for others' clocks and programs, so one more runs than there are processors.
test: setup
	RUST_TEST_THREADS=$$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) cargo test --locked

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

bench:
	@tests/setup
	cargo bench --locked -- $(only)

# Subjects whose tests know a registry by what it answers, but for a few that look into a data directory.
of_clusters = breaking:: buf:: cargo:: cli:: cluster:: mirror:: owners:: pages:: queue:: sdks:: users:: webhooks::

test-cluster: setup
	REGISTRY_TEST_STORE=postgres cargo test --locked --test it -- $(of_clusters) \
		$$(sed 's/^/--skip /' tests/it/cluster/of_data_directories.txt)

bombs: setup
	BOMBS=8 cargo test --locked --test it bombs:: -- --nocapture
	BOMBS=8 cargo test --locked --test it generation_cost

chaos: build
	cargo test --locked --test chaos -- kills $(cycles)

chaos-io: build
	cargo test --locked --test chaos -- disks $(calls)

chaos-cluster: setup build
	cargo test --locked --test chaos -- cluster $(cycles)

parity: setup
	cargo test --locked --test parity

crates: setup
	cargo test --locked --test parity -- crates $(only)

platforms:
	@tests/platforms

dist:
	@.ci/dist $(target)

load: setup
	cargo test --locked --release --test load -- $(seconds)

minutes ?= 10

fuzz:
	@mkdir -p target/fuzz
	@tests/fuzz/guided $(minutes) $(only)

fuzz-quick:
	cargo test --locked --test fuzz -- $(only)

.DEFAULT:
	@echo "there is no target $@; these are:" >&2
	@$(MAKE) --no-print-directory help >&2
	@exit 2
