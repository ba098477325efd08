/*
 * race JOURNALS PROCESSES - processes race for the claims of single runs.
 *
 * Each process goes through all journals, in an order of its own, and tries to
 * claim each; who has the claim of a run that has not completed "runs" it: counts
 * it, and records the completion. A run that was counted twice was started twice.
 * Prints "N claims tried, M runs, K doubled".
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exp/journal.h"

struct shared {
	atomic_long tried, taken, lost;
	atomic_int waiting;
	atomic_int started[];
};

static void run(struct shared *s, int dir, int journals, int processes, int self)
{
	struct problem p;
	char name[32], line[128];
	atomic_fetch_add(&s->waiting, 1);
	while (atomic_load(&s->waiting) < processes)
		;
	for (int i = 0; i < journals; i++) {
		/* close together, so that they meet */
		int number = (i / 8) * 8 + (i + self) % 8;
		struct journal j;
		if (number >= journals)
			continue;
		snprintf(name, sizeof name, "run_%06d.jsonl", number);
		atomic_fetch_add(&s->tried, 1);
		int rc = journal_claim(&j, dir, "records", name, JOURNAL_NO_SYNC, &p);
		if (rc < 0) {
			fprintf(stderr, "race: %s\n", p.text);
			_exit(1);
		}
		if (rc > 0) {
			atomic_fetch_add(&s->lost, 1);
			continue;
		}
		if (j.status != STATUS_COMPLETED) {
			atomic_fetch_add(&s->started[number], 1);
			atomic_fetch_add(&s->taken, 1);
			int len = snprintf(line, sizeof line,
					   "{\"run\":\"run_%06d\",\"attempt\":%d,"
					   "\"status\":\"completed\"}\n",
					   number, j.attempt + 1);
			if (journal_append(&j, line, (size_t)len, &p) != 0)
				_exit(1);
		}
		journal_close(&j);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int journals = argc > 1 ? atoi(argv[1]) : 1000, processes = argc > 2 ? atoi(argv[2]) : 4;
	size_t size = sizeof(struct shared) + (size_t)journals * sizeof(atomic_int);
	struct shared *s =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char room[] = "/tmp/race.XXXXXX";
	int doubled = 0, missed = 0, status, bad = 0;
	int dir = s != MAP_FAILED && mkdtemp(room) ? open(room, O_RDONLY | O_DIRECTORY) : -1;
	if (dir < 0) {
		perror("race");
		return 1;
	}
	for (int i = 0; i < processes; i++)
		if (fork() == 0)
			run(s, dir, journals, processes, i);
	while (wait(&status) > 0)
		bad |= status;
	for (int i = 0; i < journals; i++) {
		char name[32];
		doubled += atomic_load(&s->started[i]) > 1;
		missed += atomic_load(&s->started[i]) == 0;
		snprintf(name, sizeof name, "run_%06d.jsonl", i);
		unlinkat(dir, name, 0);
	}
	rmdir(room);
	printf("%ld claims tried, %ld found taken, %d runs, %d doubled, %d not done\n",
	       atomic_load(&s->tried), atomic_load(&s->lost), journals, doubled, missed);
	return bad || doubled || missed;
}
