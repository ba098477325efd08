/*
 * hold KIND PATH - hold the lock on a file (KIND lock, lock.h), or on a directory (flock),
 * say "held", and wait to be killed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/lock.h"

int main(int argc, char **argv)
{
	bool dir = argc == 3 && strcmp(argv[1], "flock") == 0;
	int fd = argc == 3 ? open(argv[2], dir ? O_RDONLY : O_RDWR | O_CREAT, 0666) : -1;
	if (fd < 0 || (dir ? flock(fd, LOCK_EX | LOCK_NB) : lock_try(fd, true)) != 0)
		return 1;
	if (puts("held") < 0 || fflush(stdout) != 0)
		return 1;
	for (;;)
		pause();
}
