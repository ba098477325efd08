#ifndef GRID_H
#define GRID_H
/*
 * grid - find the points of a full product by their index.
 *
 * The first axis is the slowest and the last the fastest: an index is a number whose digits are
 * the choices, each digit in the base of its axis.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *total *= count; false, and *total unchanged, beyond 2^63 - 1. */
bool grid_multiply(uint64_t *total, size_t count);

/* The choices at an index below the product of counts. O(axes). */
void grid_at(uint64_t index, const size_t *counts, size_t axes, size_t *choices);

/* The choices at the next index, from those at the one before. */
void grid_next(const size_t *counts, size_t axes, size_t *choices);

/* Digits that a zero-padded index needs: at least three, as many as total - 1. */
int grid_digits(uint64_t total);

#endif
