#ifndef UNIT_H
#define UNIT_H
/* unit - what cmocka wants included, in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_slice(got, want)                                                                    \
	do {                                                                                       \
		struct slice got_ = (got);                                                         \
		assert_non_null(got_.data);                                                        \
		assert_int_equal(got_.len, strlen(want));                                          \
		assert_memory_equal(got_.data, want, got_.len);                                    \
	} while (0)

#endif
