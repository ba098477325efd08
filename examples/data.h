#ifndef EXAMPLE_DATA_H
#define EXAMPLE_DATA_H
/*
 * data - labelled images: Fashion-MNIST as gzipped IDX files
 * (https://github.com/zalandoresearch/fashion-mnist; the format is that of
 * http://yann.lecun.com/exdb/mnist), or a task that is generated.
 */
#include <stdint.h>

enum { IMAGE_SIZE = 28 * 28, CLASSES = 10 };

struct data {
	int count;
	int width;            /* numbers per image */
	float *image;         /* count x width, 0 to 1 */
	unsigned char *label; /* count, below CLASSES */
};

/* Read up to `most` images and labels of "train" or "t10k" from a directory. Says
 * what is wrong on stderr and ends the program with status 2. */
void data_read(struct data *d, const char *dir, const char *part, int most);

/* Generate images: each class is a random pattern, moved by up to three pixels and
 * covered with noise. */
void data_generate(struct data *d, int count, uint64_t seed);

void data_free(struct data *d);

/* A small generator (SplitMix64, Steele, Lea and Flood 2014): the same numbers on
 * every machine. */
uint64_t random_next(uint64_t *state);
float random_unit(uint64_t *state);   /* [0, 1) */
float random_normal(uint64_t *state); /* mean 0, variance 1 */

#endif
