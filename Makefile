# make, make demo, make test: README.md says what each is for. Everything that is made is in $(BUILD).

PREFIX ?= /usr/local
PYTHON ?= /usr/bin/python3
CFLAGS ?= -O2 -g
SANITIZE ?= 0
WERROR ?= 0

# Objects of different kinds do not mix: one folder for each.
ifeq ($(SANITIZE),1)
BUILD = build/asan
else
BUILD = build
endif

BINARY := $(BUILD)/serialcon

model_sources := $(wildcard libcore/model/*/*.c)
io_sources := $(wildcard libcore/io/*.c)
cmd_sources := $(wildcard cmd/*.c)
model_test_sources := $(wildcard libcore/tests/*.c)
cmd_test_sources := $(wildcard cmd/tests/*.c)
bench_sources := $(wildcard bench/*.c)
sim_sources := $(wildcard libcore/sim/*.c)
fuzzers := $(patsubst %.c,$(BUILD)/%,$(notdir $(wildcard libcore/fuzz/fuzz_*.c cmd/fuzz/fuzz_*.c)))
# What fuzzers share; the world of the unit tests is among it.
fuzz_parts := $(filter-out libcore/fuzz/fuzz_%,$(wildcard libcore/fuzz/*.c)) libcore/tests/world.c

object = $(patsubst %.c,$(BUILD)/objects/%.o,$(1))
# What the unit tests of cmd link: neither main.c nor the commands, which are its run functions.
cmd_parts := $(filter-out cmd/main.c cmd/cmd_%.c,$(cmd_sources))

# --- Flags. CC, CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS are the user's, and come last. ---

supported = $(shell printf 'int main(void) { return 0; }' | $(CC) $(1) -Werror -x c -c -o /dev/null - \
	2>/dev/null && printf '%s' '$(1)')

warnings := -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wundef \
	-Wimplicit-fallthrough
ifeq ($(WERROR),1)
warnings += -Werror
endif

sc_cppflags := -D_GNU_SOURCE -Ilibcore -Icmd
sc_cflags := -std=c11 $(warnings) -fPIE
sc_ldflags := -pie -Wl,-z,relro,-z,now

ifeq ($(SANITIZE),1)
sc_cflags += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
sc_cflags += -fstack-protector-strong $(call supported,-fstack-clash-protection) \
	$(call supported,-fcf-protection)
# Only with optimization, and not over the user's own.
ifeq ($(findstring FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
ifneq ($(filter -O1 -O2 -O3 -Os,$(CFLAGS)),)
sc_cppflags += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif
endif

compile = $(CC) $(sc_cppflags) $(CPPFLAGS) $(sc_cflags) $(CFLAGS) -MMD -MP
link = $(CC) $(sc_cflags) $(CFLAGS) $(sc_ldflags) $(LDFLAGS)

# One short line for each file; V=1 shows the commands.
ifeq ($(V),1)
say = $(1)
else
say = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,printf '  %-5s %s\n' '$(2)' '$@';) $(1)
endif

# --- What is built ---

.PHONY: all objects tests bench-programs fuzzers setup demo test check lint sim bench mutants fuzz install uninstall clean
.DELETE_ON_ERROR:

all: $(BINARY)

$(BINARY): $(call object,$(cmd_sources) $(io_sources) $(model_sources)) $(BUILD)/flags
	$(call say,$(link) -o $@ $(filter %.o,$^) $(LDLIBS),link)

# The model alone, and the drivers as an archive, so that a test's own sc_panic comes before theirs; what only the commands
# need is left out with it.
$(BUILD)/model-tests: $(call object,$(model_test_sources) $(model_sources)) $(BUILD)/flags
	$(call say,$(link) -o $@ $(filter %.o,$^) $(check_libs) $(LDLIBS),link)

$(BUILD)/cmd-tests: $(call object,$(cmd_test_sources) $(model_sources)) $(BUILD)/cmd.a $(BUILD)/io.a $(BUILD)/flags
	$(call say,$(link) -o $@ $(filter %.o %.a,$^) $(check_libs) $(LDLIBS),link)

# The model in a world of its own: neither a test framework nor the drivers.
$(BUILD)/sim: $(call object,$(sim_sources) $(model_sources)) $(BUILD)/flags
	$(call say,$(link) -o $@ $(filter %.o,$^) $(LDLIBS),link)

$(BUILD)/cmd.a: $(call object,$(cmd_parts)) $(BUILD)/flags
	$(call say,rm -f $@ && $(AR) rcs $@ $(filter %.o,$^),ar)

$(BUILD)/io.a: $(call object,$(io_sources)) $(BUILD)/flags
	$(call say,rm -f $@ && $(AR) rcs $@ $(filter %.o,$^),ar)

$(BUILD)/bench/%: $(BUILD)/objects/bench/%.o $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,$(link) -o $@ $< $(LDLIBS),link)

# What the world compares byte by byte says nothing to libFuzzer, and would take most of its time.
build/fuzz/objects/libcore/tests/%.o: sc_cflags += -fno-sanitize-coverage=trace-cmp

# Each fuzzer is its own file, and what of the rest it needs.
$(BUILD)/fuzz_%: $(BUILD)/objects/libcore/fuzz/fuzz_%.o $(BUILD)/fuzz-parts.a $(BUILD)/flags
	$(call say,$(link) -fsanitize=fuzzer -o $@ $(filter %.o %.a,$^) $(LDLIBS),link)
$(BUILD)/fuzz_%: $(BUILD)/objects/cmd/fuzz/fuzz_%.o $(BUILD)/fuzz-parts.a $(BUILD)/flags
	$(call say,$(link) -fsanitize=fuzzer -o $@ $(filter %.o %.a,$^) $(LDLIBS),link)

$(BUILD)/fuzz-parts.a: $(call object,$(fuzz_parts) $(cmd_parts) $(io_sources) $(model_sources)) $(BUILD)/flags
	$(call say,rm -f $@ && $(AR) rcs $@ $(filter %.o,$^),ar)

$(BUILD)/objects/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,$(compile) $(check_cflags) -c -o $@ $<,cc)

# Asked for only where tests are linked: a plain build needs no Check.
check_libs = $(shell pkg-config --libs check)
check_cflags = $(if $(findstring /tests/,$<),$(shell pkg-config --cflags check))

# Other flags or another compiler: everything again.
flags := $(CC) | $(sc_cppflags) $(CPPFLAGS) | $(sc_cflags) $(CFLAGS) | $(sc_ldflags) $(LDFLAGS) $(LDLIBS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(flags)' | cmp -s - $@ || printf '%s\n' '$(flags)' >$@
.PHONY: FORCE
FORCE:

-include $(wildcard $(BUILD)/objects/*/*.d $(BUILD)/objects/*/*/*.d $(BUILD)/objects/*/*/*/*.d)

unit_suites := $(if $(model_test_sources),$(BUILD)/model-tests) $(if $(cmd_test_sources),$(BUILD)/cmd-tests)
tests: $(BINARY) $(unit_suites) $(if $(sim_sources),$(BUILD)/sim)
bench-programs: $(patsubst bench/%.c,$(BUILD)/bench/%,$(bench_sources))

fuzzers: $(fuzzers)

# What .ci/lint/purity looks at.
objects: $(call object,$(model_sources))

# --- What is run ---

setup:
	@.ci/setup test

demo:
	@.ci/setup demo
	@$(MAKE) --no-print-directory -s -j $$(nproc) all
	@qemu-tests/demo

test:
	@.ci/setup test
	@PYTHON='$(PYTHON)' MAKE='$(MAKE)' .ci/tests all

check:
	@PYTHON='$(PYTHON)' MAKE='$(MAKE)' .ci/tests check

lint:
	@PYTHON='$(PYTHON)' MAKE='$(MAKE)' .ci/lint/all

# Other ones with SEEDS=20000 or SEEDS=A-B.
SEEDS ?= 2000
sim: $(BUILD)/sim
	@$(BUILD)/sim --seeds $(if $(findstring -,$(SEEDS)),$(SEEDS),0-$$(($(SEEDS) - 1))) --jobs $$(nproc)

bench: all bench-programs
	@bench/run

mutants:
	@PYTHON='$(PYTHON)' MAKE='$(MAKE)' $(PYTHON) .ci/mutants/run

# libFuzzer is clang's.
FUZZ_CC ?= clang
SECONDS ?= 60
fuzz:
	@.ci/setup test
	@$(MAKE) --no-print-directory -s -j $$(nproc) BUILD=build/fuzz SANITIZE=1 CC='$(FUZZ_CC)' \
		CFLAGS='-O2 -g -fsanitize=fuzzer-no-link' fuzzers
	@$(PYTHON) libcore/fuzz/run --seconds $(SECONDS)

install: all
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(BINARY) '$(DESTDIR)$(PREFIX)/bin/serialcon'

uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/serialcon'

clean:
	rm -rf build $(BUILD)
