# Two commands do everything: `sudo make demo` and `sudo make test`. The rest are their parts.

SWIFT ?= swift
# A target that imports what it does not declare is an error.
STRICT = --explicit-target-dependency-import-check error
# Packed relocations and no symbols: the standard library and Foundation are in the binary, and start-up counts.
LINK = -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -s
RELEASE = -c release --static-swift-stdlib $(LINK) $(STRICT)
BINARY = .build/release/portcullis
# What is installed as the command: it pulls the kill switch before the program is loaded, so it is static and in C. The
# compiler is the one that comes with Swift.
FRONT = .build/release/portcullis-front
FRONT_CC ?= clang
PREFIX ?= /usr/local

# What the program needs to build and run.
PACKAGES = libnftables-dev libssl-dev ca-certificates
# What the lab needs: an internet of real servers, and the clients that agents use.
LAB_PACKAGES = iproute2 nftables tcpdump dnsmasq-base bind9-dnsutils iputils-ping netcat-openbsd curl wget git openssl \
	python3 python3-pytest python3-requests python3-httpx python3-cryptography python3-pip python3-setuptools \
	python3-wheel nodejs default-jdk-headless util-linux procps iodine hping3 ptunnel-ng stunnel4 httptunnel wireguard-go \
	openssh-client libcap2-bin
# Clients that Debian has not, from PyPI: browsers' hellos and QUIC.
LAB_PYTHON = curl_cffi==0.16.3 aioquic==1.7.2
BENCH_PACKAGES = haproxy nginx-light wrk gcc libc6-dev libnetfilter-queue-dev iptables

.PHONY: all build install demo test test-swift test-counts test-lab test-vm bench bench-kill check deps deps-lab deps-bench clean

all: build

# apt is asked only when something is missing, so that a second run needs no network.
define ensure
	@missing=""; for package in $(1); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q "ok installed" || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then echo "installing$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

deps:
	$(call ensure,$(PACKAGES))

# A node or java from elsewhere will do as well.
deps-lab: deps
	$(call ensure,$(filter-out $(if $(shell command -v node),nodejs) $(if $(shell command -v java),default-jdk-headless),$(LAB_PACKAGES)))
	@[ -e .build/lab-packages/.complete ] || { /usr/bin/python3 -m pip install -q --root-user-action=ignore --target .build/lab-packages $(LAB_PYTHON) \
		&& touch .build/lab-packages/.complete; }

deps-bench: deps-lab
	$(call ensure,$(BENCH_PACKAGES))

build: deps
	$(SWIFT) build $(RELEASE) --product portcullis
	$(MAKE) -s $(FRONT)

$(FRONT): front/front.c
	$(FRONT_CC) -std=gnu11 -O2 -Wall -Wextra -Werror -static -s -o $@ $<

install: build
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/libexec/portcullis/portcullis
	install -D -m 755 $(FRONT) $(DESTDIR)$(PREFIX)/bin/portcullis

demo: deps-lab build
	@PORTCULLIS=$(CURDIR)/$(BINARY) Tests/Lab/run --program demo.py

test: deps-lab test-swift build test-counts test-lab test-vm

test-swift: deps
	$(SWIFT) build --build-tests $(STRICT)
	$(SWIFT) test $(STRICT)

# Allocations of the hot paths, counted in the release build.
test-counts: deps
	$(SWIFT) build $(RELEASE) --product allocations
	.build/release/allocations

test-lab: deps-lab
	PORTCULLIS=$(CURDIR)/$(BINARY) Tests/Lab/run

test-vm:
	@if [ -x vm-tests/run ]; then PORTCULLIS=$(CURDIR)/$(BINARY) vm-tests/run; fi

bench: deps-bench build
	@PORTCULLIS=$(CURDIR)/$(BINARY) Tests/Lab/run --program ../../Benchmarks/proxy.py
	@PORTCULLIS=$(CURDIR)/$(BINARY) Tests/Lab/run --program ../../Benchmarks/packets.py

# An hour with its 1,000 rounds; ROUNDS=50 tells as much in a few minutes.
bench-kill: deps-bench build
	@PORTCULLIS=$(CURDIR)/$(BINARY) Tests/Lab/run --program ../../Benchmarks/kill.py

check:
	.ci/check

clean:
	$(SWIFT) package clean
