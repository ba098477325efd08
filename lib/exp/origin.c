/*
 * origin - host and boot id are read once and kept.
 */
#include "exp/origin.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/path.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

const char *origin_host(void)
{
	static char host[256];
	if (!host[0] && (gethostname(host, sizeof host - 1) != 0 || !host[0]))
		strcpy(host, "unknown");
	return host;
}

const char *origin_boot_id(void)
{
	static char id[64];
	static int asked;
	if (asked++)
		return id;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t n = read(fd, id, sizeof id - 1);
		id[n > 0 ? n : 0] = '\0';
		id[strcspn(id, "\n")] = '\0';
		close(fd);
	}
	return id;
}

void origin_add_where(struct buf *out)
{
	struct problem ignored;
	char number[32];
	const char *cwd = path_current(false, &ignored);
	struct passwd *user = getpwuid(getuid());
	snprintf(number, sizeof number, "%ld", (long)getuid());
	json_add_str_field(out, "host", origin_host());
	json_add_str_field(out, "user", user ? user->pw_name : number);
	json_add_str_field(out, "cwd", cwd ? cwd : "unknown");
	json_add_str_field(out, "version", PACKAGE_VERSION);
}
