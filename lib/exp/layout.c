/* layout - the names that sweeputils-format(5) describes. */
#include "exp/layout.h"

#include <string.h>

bool layout_name_is_good(const char *name)
{
	static const char good[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	return *name && *name != '.' && *name != '-' && name[strspn(name, good)] == '\0' &&
	       strlen(name) <= 200;
}
