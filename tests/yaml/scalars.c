/*
 * scalars - for each line of standard input: how YAML 1.1 and 1.2 read it as a plain
 * scalar, and how it is written; for comparison with other readers.
 */
#include <stdio.h>
#include <string.h>

#include "spec/scalar_write.h"

int main(void)
{
	static const char *const names[] = {"str",       "null",  "bool",  "int",    "float",
					    "timestamp", "merge", "value", "broken", "ambiguous"};
	static char line[65536];
	while (fgets(line, sizeof line, stdin)) {
		size_t len = strcspn(line, "\n");
		struct buf out = BUF_INIT;
		line[len] = '\0';
		struct scalar s = scalar_read(line, len, true);
		scalar_write_yaml(&out, &s, 0);
		printf("%s\t%s\t%s\t%s\n", names[scalar_type_11(line, len)],
		       names[scalar_type_12(line, len)], names[s.type], buf_cstr(&out));
		buf_free(&out);
	}
	return ferror(stdin) != 0;
}
