/*
 * train - train a small network on Fashion-MNIST. An example of a program that
 * sweeps are run of: it takes a YAML config, makes a directory of its own for
 * each run, and knows nothing of sweeps.
 *
 *     train --config FILE [--show] [--research_only] [--no_confusion] [--advanced]
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "data.h"
#include "net.h"

static const char usage[] =
	"usage: train --config FILE [--show] [--research_only] [--no_confusion] [--advanced]\n"
	"\n"
	"  --config FILE    the settings\n"
	"  --show           draw the learning curve\n"
	"  --research_only  leave the test images alone; judge on training images held out\n"
	"  --no_confusion   do not write confusion.csv\n"
	"  --advanced       precision and recall of each class, too\n";

struct job {
	const char *config_file;
	bool show, research_only, no_confusion, advanced;
	struct config c;
	struct data train, test;
	char dir[512];
	FILE *history;
	uint64_t random;
	double loss, accuracy;
	int confusion[CLASSES * CLASSES];
};

static void fail(const char *what)
{
	fprintf(stderr, "train: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- the run's directory ---- */

static FILE *create(const struct job *j, const char *name)
{
	char path[600];
	snprintf(path, sizeof path, "%s/%s", j->dir, name);
	FILE *out = fopen(path, "wx");
	if (!out)
		fail(path);
	return out;
}

static void finish(FILE *out, const char *name)
{
	if (fflush(out) != 0 || ferror(out) || fclose(out) != 0)
		fail(name);
}

static void copy_config(const struct job *j)
{
	char chunk[4096];
	size_t n;
	FILE *in = fopen(j->config_file, "rb"), *out = create(j, "config.yaml");
	if (!in)
		fail(j->config_file);
	while ((n = fread(chunk, 1, sizeof chunk, in)) > 0)
		fwrite(chunk, 1, n, out);
	fclose(in);
	finish(out, "config.yaml");
}

static void make_dirs(const char *path)
{
	char part[512];
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (mkdir(part, 0777) != 0 && errno != EEXIST)
			fail(part);
	}
}

/* runs/DATASET/MODEL/TIMESTAMP, with _2, _3, ... where that exists */
static void make_dir(struct job *j)
{
	char stamp[32];
	time_t now = time(NULL);
	strftime(stamp, sizeof stamp, "%Y%m%d_%H%M%S", localtime(&now));
	for (int i = 1;; i++) {
		snprintf(j->dir, sizeof j->dir, i > 1 ? "runs/%s/%s/%s_%d" : "runs/%s/%s/%s",
			 j->c.dataset, j->c.model, stamp, i);
		make_dirs(j->dir);
		if (mkdir(j->dir, 0777) == 0)
			break;
		if (errno != EEXIST)
			fail(j->dir);
	}
}

/* ---- data ---- */

static void load(struct job *j)
{
	const char *dir = getenv("FASHION_MNIST_DIR");
	int test_size = j->c.train_size / 3 + 1;
	if (!dir || !*dir)
		dir = "/usr/share/datasets/fashion-mnist";
	if (strcmp(j->c.dataset, "synthetic") == 0) {
		data_generate(&j->train, j->c.train_size, 2);
		data_generate(&j->test, test_size, 3);
		return;
	}
	data_read(&j->train, dir, "train", j->c.train_size);
	if (!j->research_only) {
		data_read(&j->test, dir, "t10k", 10000);
		return;
	}
	/* the last quarter is held out */
	int kept = j->train.count - j->train.count / 4;
	size_t held = (size_t)(j->train.count - kept);
	j->test = (struct data){(int)held, IMAGE_SIZE, malloc(held * IMAGE_SIZE * sizeof(float)),
				malloc(held + 1)};
	if (!j->test.image || !j->test.label)
		fail("held-out images");
	memcpy(j->test.image, j->train.image + (size_t)kept * IMAGE_SIZE,
	       held * IMAGE_SIZE * sizeof(float));
	memcpy(j->test.label, j->train.label + kept, held);
	j->train.count = kept;
}

/* ---- training ---- */

static void shuffle(int *order, int count, uint64_t *random)
{
	for (int i = count - 1; i > 0; i--) {
		int k = (int)(random_next(random) % (uint64_t)(i + 1)), kept = order[i];
		order[i] = order[k];
		order[k] = kept;
	}
}

static float rate_at(const struct config *c, int step, int steps)
{
	if (strcmp(c->scheduler, "cosine") == 0)
		return (float)(c->lr * 0.5 * (1 + cos(3.14159265358979 * step / steps)));
	return (float)c->lr;
}

static void draw(double accuracy)
{
	char bar[51];
	int length = (int)(accuracy * 50);
	memset(bar, '#', 50);
	bar[length < 0 ? 0 : length > 50 ? 50 : length] = '\0';
	printf("    %-50s %.4f\n", bar, accuracy);
}

static double train_epoch(struct job *j, struct net *n, const struct data *d, int *order, int epoch)
{
	int batches = (d->count + j->c.batch_size - 1) / j->c.batch_size;
	double loss = 0;
	shuffle(order, d->count, &j->random);
	for (int b = 0; b < batches; b++) {
		int from = b * j->c.batch_size;
		int count = d->count - from < j->c.batch_size ? d->count - from : j->c.batch_size;
		float lr = rate_at(&j->c, epoch * batches + b, j->c.epochs * batches);
		loss += net_step(n, d, order + from, count, lr);
	}
	return loss / batches;
}

static void train_net(struct job *j, struct net *n, const struct data *train,
		      const struct data *test, int stage)
{
	int *order = malloc((size_t)train->count * sizeof *order);
	if (!order)
		fail("order");
	for (int i = 0; i < train->count; i++)
		order[i] = i;
	for (int epoch = 0; epoch < j->c.epochs; epoch++) {
		double loss = train_epoch(j, n, train, order, epoch);
		net_judge(n, test, &j->loss, &j->accuracy, NULL);
		printf("stage %d epoch %d/%d: train loss %.4f, test loss %.4f, accuracy %.4f\n",
		       stage, epoch + 1, j->c.epochs, loss, j->loss, j->accuracy);
		if (j->show)
			draw(j->accuracy);
		fflush(stdout);
		fprintf(j->history, "%d,%d,%.9g,%.9g,%.9g\n", stage, epoch + 1, loss, j->loss,
			j->accuracy);
		if (!isfinite(loss)) {
			fprintf(stderr,
				"train: the loss is not finite any more; use a smaller lr\n");
			exit(3);
		}
	}
	free(order);
}

static void train_mlp(struct job *j)
{
	int sizes[MAX_LAYERS + 1] = {IMAGE_SIZE};
	struct net n;
	for (int i = 1; i < j->c.layers; i++)
		sizes[i] = j->c.hidden;
	sizes[j->c.layers] = CLASSES;
	net_make(&n, sizes, j->c.layers, strcmp(j->c.similarity, "cosine") == 0, 0, &j->random);
	train_net(j, &n, &j->train, &j->test, 1);
	net_judge(&n, &j->test, &j->loss, &j->accuracy, j->confusion);
	net_free(&n);
}

/* What a trained hidden layer makes of the images. */
static void advance(struct net *n, struct data *d)
{
	int width = n->layer[0].out;
	float *image = malloc((size_t)d->count * (size_t)width * sizeof *image + 1);
	if (!image)
		fail("features");
	for (int i = 0; i < d->count; i++) {
		net_apply(n, d->image + (size_t)i * (size_t)d->width);
		memcpy(image + (size_t)i * (size_t)width, n->value[1],
		       (size_t)width * sizeof *image);
	}
	free(d->image);
	d->image = image;
	d->width = width;
}

/* One hidden layer after another, each with a classifier of its own on top, on
 * what the layers below it, which no longer change, make of the images. */
static void train_greedy(struct job *j)
{
	struct net n;
	for (int stage = 1; stage < j->c.layers; stage++) {
		int sizes[] = {j->train.width, j->c.hidden, CLASSES};
		net_make(&n, sizes, 2, strcmp(j->c.similarity, "cosine") == 0,
			 (float)j->c.lambda_ace[stage - 1], &j->random);
		train_net(j, &n, &j->train, &j->test, stage);
		memset(j->confusion, 0, sizeof j->confusion);
		net_judge(&n, &j->test, &j->loss, &j->accuracy, j->confusion);
		advance(&n, &j->train);
		advance(&n, &j->test);
		net_free(&n);
	}
}

/* ---- results ---- */

static void write_confusion(const struct job *j)
{
	FILE *out = create(j, "confusion.csv");
	fprintf(out, "true");
	for (int k = 0; k < CLASSES; k++)
		fprintf(out, ",%d", k);
	for (int i = 0; i < CLASSES * CLASSES; i++) {
		if (i % CLASSES == 0)
			fprintf(out, "\n%d", i / CLASSES);
		fprintf(out, ",%d", j->confusion[i]);
	}
	fprintf(out, "\n");
	finish(out, "confusion.csv");
}

static void write_classes(const struct job *j, FILE *out)
{
	for (int kind = 0; kind < 2; kind++) {
		fprintf(out, ",\n  \"%s\": [", kind ? "recall" : "precision");
		for (int k = 0; k < CLASSES; k++) {
			int right = j->confusion[k * CLASSES + k], all = 0;
			for (int i = 0; i < CLASSES; i++)
				all += j->confusion[kind ? k * CLASSES + i : i * CLASSES + k];
			fprintf(out, "%s%.4f", k ? ", " : "", all ? (double)right / all : 0);
		}
		fprintf(out, "]");
	}
}

static void write_metrics(const struct job *j)
{
	FILE *out = create(j, "metrics.json");
	fprintf(out, "{\n  \"accuracy\": %.4f,\n  \"loss\": %.6g,\n  \"judged_on\": \"%s\"",
		j->accuracy, j->loss,
		j->research_only ? "held-out training images" : "test images");
	if (j->advanced)
		write_classes(j, out);
	fprintf(out, "\n}\n");
	finish(out, "metrics.json");
}

static void read_arguments(struct job *j, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			j->config_file = argv[++i];
		else if (strcmp(argv[i], "--show") == 0)
			j->show = true;
		else if (strcmp(argv[i], "--research_only") == 0)
			j->research_only = true;
		else if (strcmp(argv[i], "--no_confusion") == 0)
			j->no_confusion = true;
		else if (strcmp(argv[i], "--advanced") == 0)
			j->advanced = true;
		else if (strcmp(argv[i], "--help") == 0) {
			fputs(usage, stdout);
			exit(0);
		} else {
			fprintf(stderr, "train: unexpected argument %s\n%s", argv[i], usage);
			exit(2);
		}
	}
	if (!j->config_file) {
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct job j;
	read_arguments(&j, argc, argv);
	config_read(&j.c, j.config_file);
	load(&j);
	make_dir(&j);
	copy_config(&j);
	j.history = create(&j, "history.csv");
	fprintf(j.history, "stage,epoch,train_loss,test_loss,accuracy\n");
	j.random = (uint64_t)j.c.seed;
	if (strcmp(j.c.model, "greedy") == 0)
		train_greedy(&j);
	else
		train_mlp(&j);
	finish(j.history, "history.csv");
	if (!j.no_confusion)
		write_confusion(&j);
	write_metrics(&j);
	data_free(&j.train);
	data_free(&j.test);
	printf("%s\n", j.dir);
	return 0;
}
