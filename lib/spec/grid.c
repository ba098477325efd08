/* grid - mixed-radix numbers. */
#include "spec/grid.h"

bool grid_multiply(uint64_t *total, size_t count)
{
	if (count != 0 && *total > (uint64_t)INT64_MAX / count)
		return false;
	*total *= count;
	return true;
}

void grid_at(uint64_t index, const size_t *counts, size_t axes, size_t *choices)
{
	while (axes-- > 0) {
		choices[axes] = (size_t)(index % counts[axes]);
		index /= counts[axes];
	}
}

void grid_next(const size_t *counts, size_t axes, size_t *choices)
{
	while (axes-- > 0) {
		if (++choices[axes] < counts[axes])
			return;
		choices[axes] = 0;
	}
}

int grid_digits(uint64_t total)
{
	int digits = 1;
	for (uint64_t last = total ? total - 1 : 0; last >= 10; last /= 10)
		digits++;
	return digits < 3 ? 3 : digits;
}
