/* data - where images come from. */
#include "data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

float random_unit(uint64_t *state)
{
	return (float)(random_next(state) >> 40) / 16777216.0f;
}

float random_normal(uint64_t *state)
{
	float sum = 0; /* of twelve uniform ones: variance 1 */
	for (int i = 0; i < 12; i++)
		sum += random_unit(state);
	return sum - 6;
}

static void *allocate(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);
	if (!p) {
		fprintf(stderr, "train: out of memory\n");
		exit(2);
	}
	return p;
}

static void fail(const char *file, const char *why)
{
	fprintf(stderr,
		"train: %s: %s; install the package dataset-fashion-mnist, name its directory in "
		"FASHION_MNIST_DIR, or use dataset: synthetic\n",
		file, why);
	exit(2);
}

static uint32_t read_u32(gzFile in, const char *file)
{
	unsigned char b[4];
	if (gzread(in, b, 4) != 4)
		fail(file, "too short");
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The content of an IDX file of bytes: at most `most` items of `size` bytes. */
static unsigned char *read_idx(const char *file, uint32_t magic, int most, int size, int *count)
{
	gzFile in = gzopen(file, "rb");
	if (!in)
		fail(file, "cannot be opened");
	if (read_u32(in, file) != magic)
		fail(file, "not the IDX file that is expected");
	uint32_t have = read_u32(in, file);
	if (size == IMAGE_SIZE && (read_u32(in, file) != 28 || read_u32(in, file) != 28))
		fail(file, "images are not 28 x 28");
	*count = have < (uint32_t)most ? (int)have : most;
	size_t bytes = (size_t)*count * (size_t)size;
	unsigned char *content = allocate(bytes, 1);
	if (gzread(in, content, (unsigned)bytes) != (int)bytes)
		fail(file, "too short");
	gzclose(in);
	return content;
}

void data_read(struct data *d, const char *dir, const char *part, int most)
{
	char file[4096];
	int labels;
	snprintf(file, sizeof file, "%s/%s-images-idx3-ubyte.gz", dir, part);
	unsigned char *pixels = read_idx(file, 0x803, most, IMAGE_SIZE, &d->count);
	snprintf(file, sizeof file, "%s/%s-labels-idx1-ubyte.gz", dir, part);
	d->label = read_idx(file, 0x801, most, 1, &labels);
	if (labels != d->count)
		fail(file, "images and labels differ in number");
	d->width = IMAGE_SIZE;
	d->image = allocate((size_t)d->count * IMAGE_SIZE, sizeof *d->image);
	for (size_t i = 0; i < (size_t)d->count * IMAGE_SIZE; i++)
		d->image[i] = (float)pixels[i] / 255;
	for (int i = 0; i < d->count; i++)
		if (d->label[i] >= CLASSES)
			fail(file, "a label beyond 9");
	free(pixels);
}

static float pattern_at(const float *pattern, int x, int y)
{
	return x < 0 || y < 0 || x >= 28 || y >= 28 ? 0 : pattern[y * 28 + x];
}

void data_generate(struct data *d, int count, uint64_t seed)
{
	static float pattern[CLASSES][IMAGE_SIZE];
	uint64_t fixed = 1; /* the patterns are the same for every seed */
	for (int c = 0; c < CLASSES; c++)
		for (int blob = 0; blob < 6; blob++) {
			int x = (int)(random_unit(&fixed) * 20),
			    y = (int)(random_unit(&fixed) * 20);
			for (int i = 0; i < 64; i++)
				pattern[c][(y + i / 8) * 28 + x + i % 8] = 1;
		}
	*d = (struct data){count, IMAGE_SIZE,
			   allocate((size_t)count * IMAGE_SIZE, sizeof *d->image),
			   allocate((size_t)count, 1)};
	for (int n = 0; n < count; n++) {
		int class = (int)(random_next(&seed) % CLASSES);
		int dx = (int)(random_unit(&seed) * 7) - 3, dy = (int)(random_unit(&seed) * 7) - 3;
		d->label[n] = (unsigned char)class;
		for (int i = 0; i < IMAGE_SIZE; i++) {
			float v = 0.15f * pattern_at(pattern[class], i % 28 + dx, i / 28 + dy) +
				  0.4f * random_unit(&seed);
			d->image[(size_t)n * IMAGE_SIZE + (size_t)i] = v;
		}
	}
}

void data_free(struct data *d)
{
	free(d->image);
	free(d->label);
}
