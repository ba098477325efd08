/*
 * fuzz - libFuzzer targets for what reads files that people write.
 *
 * Built with -DFUZZ_SPEC the input is a spec, with base configs where it may look; else
 * the input is a base config, swept by a fixed spec. In both cases every run that
 * is asked for is resolved. That a value cannot be written so that it reads as it
 * was meant is a flaw here, not a message.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spec/resolve.h"
#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char spec_text[] =
	"name: s\nmode: training\nbase_config: /proc/self/fd/%d\n"
	"sweep: {lr: [0.1, 1e-3], new: [[1, {a: b}], \"x: y\"], model: [~, 'q']}\n"
	"fixed_overrides: {optim: {name: sgd}, seed: 0, e: \"\"}\n";

/* A file in memory with a name. */
static int file_of(const void *data, size_t size, char *name, size_t room)
{
	int fd = memfd_create("fuzz", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(name, room, "/proc/self/fd/%d", fd);
	return fd;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);
	return len >= n && strcmp(text + len - n, end) == 0;
}

static void resolve_some(const struct spec *spec, const char *dir)
{
	struct resolve r;
	struct resolve_point at;
	struct problem p;
	struct buf out = BUF_INIT;
	if (resolve_init(&r, spec, dir, &p) != 0) {
		if (ends_with(p.text, "write that key of the base config on one line"))
			abort();
	} else if (resolve_point_init(&at, &r) == 0) {
		for (uint64_t i = 0; i < 3 && i < spec->total; i++) {
			resolve_seek(&r, &at, i ? spec->total - i : 0);
			resolve_config(&r, &at, &out);
			resolve_line(&r, &at, &out);
		}
		resolve_point_free(&at);
	}
	buf_free(&out);
	resolve_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spec spec;
	struct problem p;
	char name[64], text[512];
#ifdef FUZZ_SPEC
	int other = -1, fd = file_of(data, size, name, sizeof name);
	(void)spec_text;
	(void)text;
#else
	int other = file_of(data, size, name, sizeof name);
	snprintf(text, sizeof text, spec_text, other);
	int fd = file_of(text, strlen(text), name, sizeof name);
#endif
	if (spec_read(&spec, name, "/nowhere/modes.yaml", NULL, &p) == 0) {
		resolve_some(&spec, NULL);
		resolve_some(&spec, "experiments/x");
	}
	spec_free(&spec);
	close(fd);
	if (other >= 0)
		close(other);
	return 0;
}
