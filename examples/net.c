/* net - rows of weights belong to inputs, so that zeros in the input cost nothing. */
#include "net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const float COSINE_SCALE = 10;

static void *allocate(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);
	if (!p) {
		fprintf(stderr, "train: out of memory\n");
		exit(2);
	}
	return p;
}

void net_make(struct net *n, const int *sizes, int layers, bool cosine, float energy,
	      uint64_t *random)
{
	*n = (struct net){.layers = layers, .cosine = cosine, .energy = energy};
	n->layer = allocate((size_t)layers, sizeof *n->layer);
	n->value = allocate((size_t)layers + 1, sizeof *n->value);
	n->error = allocate((size_t)layers + 1, sizeof *n->error);
	for (int i = 0; i <= layers; i++) {
		n->value[i] = allocate((size_t)sizes[i], sizeof(float));
		n->error[i] = allocate((size_t)sizes[i], sizeof(float));
	}
	for (int i = 0; i < layers; i++) {
		struct layer *l = &n->layer[i];
		size_t count = (size_t)sizes[i] * (size_t)sizes[i + 1];
		l->in = sizes[i];
		l->out = sizes[i + 1];
		l->weight = allocate(count, sizeof(float));
		l->bias = allocate((size_t)l->out, sizeof(float));
		l->gradient = allocate(count + (size_t)l->out, sizeof(float));
		float scale = sqrtf(2.0f / (float)l->in);
		for (size_t k = 0; k < count; k++)
			l->weight[k] = scale * random_normal(random);
	}
}

void net_free(struct net *n)
{
	for (int i = 0; i <= n->layers; i++) {
		free(n->value[i]);
		free(n->error[i]);
	}
	for (int i = 0; i < n->layers; i++) {
		free(n->layer[i].weight);
		free(n->layer[i].bias);
		free(n->layer[i].gradient);
	}
	free(n->layer);
	free(n->value);
	free(n->error);
}

/* ---- forward ---- */

static void multiply(const struct layer *l, const float *restrict in, float *restrict out)
{
	memcpy(out, l->bias, (size_t)l->out * sizeof *out);
	for (int i = 0; i < l->in; i++) {
		const float *row = l->weight + (size_t)i * (size_t)l->out;
		float x = in[i];
		for (int k = 0; x != 0 && k < l->out; k++)
			out[k] += x * row[k];
	}
}

static float length_of(const float *v, int count, int stride)
{
	float sum = 1e-12f;
	for (int i = 0; i < count; i++)
		sum += v[(size_t)i * (size_t)stride] * v[(size_t)i * (size_t)stride];
	return sqrtf(sum);
}

/* out[k] = COSINE_SCALE * cos(in, column k) */
static void compare(const struct layer *l, const float *in, float *out)
{
	float length = length_of(in, l->in, 1);
	multiply(l, in, out);
	for (int k = 0; k < l->out; k++)
		out[k] = COSINE_SCALE * (out[k] - l->bias[k]) /
			 (length * length_of(l->weight + k, l->in, l->out));
}

const float *net_apply(struct net *n, const float *input)
{
	memcpy(n->value[0], input, (size_t)n->layer[0].in * sizeof *input);
	for (int i = 0; i < n->layers; i++) {
		const struct layer *l = &n->layer[i];
		if (i + 1 == n->layers && n->cosine) {
			compare(l, n->value[i], n->value[i + 1]);
			break;
		}
		multiply(l, n->value[i], n->value[i + 1]);
		for (int k = 0; i + 1 < n->layers && k < l->out; k++)
			if (n->value[i + 1][k] < 0)
				n->value[i + 1][k] = 0;
	}
	return n->value[n->layers];
}

/* ---- backward ---- */

/* Cross entropy of softmax(logits); its derivative goes to error, if not NULL. */
static double cross_entropy(const float *logit, int label, float *error)
{
	double most = logit[0], sum = 0;
	for (int k = 1; k < CLASSES; k++)
		most = logit[k] > most ? logit[k] : most;
	for (int k = 0; k < CLASSES; k++)
		sum += exp(logit[k] - most);
	for (int k = 0; error && k < CLASSES; k++)
		error[k] = (float)(exp(logit[k] - most) / sum) - (k == label);
	return log(sum) + most - logit[label];
}

static void back_multiply(struct layer *l, const float *restrict in, const float *restrict error,
			  float *restrict below)
{
	float *bias = l->gradient + (size_t)l->in * (size_t)l->out;
	for (int k = 0; k < l->out; k++)
		bias[k] += error[k];
	for (int i = 0; i < l->in; i++) {
		const float *row = l->weight + (size_t)i * (size_t)l->out;
		float *gradient = l->gradient + (size_t)i * (size_t)l->out;
		float x = in[i], sum = 0;
		for (int k = 0; x != 0 && k < l->out; k++)
			gradient[k] += x * error[k];
		for (int k = 0; below && k < l->out; k++)
			sum += row[k] * error[k];
		if (below)
			below[i] = sum;
	}
}

/* d cos(h, w) = w/(|w||h|) - cos h/|h|^2 in h, and the same with w and h changed
 * over in w. */
static void back_compare(struct layer *l, const float *in, const float *out, const float *error,
			 float *below)
{
	float length = length_of(in, l->in, 1);
	for (int i = 0; below && i < l->in; i++)
		below[i] = 0;
	for (int k = 0; k < l->out; k++) {
		float norm = length_of(l->weight + k, l->in, l->out);
		float cosine = out[k] / COSINE_SCALE, e = COSINE_SCALE * error[k];
		for (int i = 0; i < l->in; i++) {
			size_t at = (size_t)i * (size_t)l->out + (size_t)k;
			float w = l->weight[at];
			l->gradient[at] +=
				e * (in[i] / (norm * length) - cosine * w / (norm * norm));
			if (below)
				below[i] += e * (w / (norm * length) -
						 cosine * in[i] / (length * length));
		}
	}
}

static double learn_from(struct net *n, const float *image, int label)
{
	const float *logit = net_apply(n, image);
	double loss = cross_entropy(logit, label, n->error[n->layers]);
	for (int i = n->layers; i-- > 0;) {
		struct layer *l = &n->layer[i];
		float *below = i ? n->error[i] : NULL;
		if (i + 1 == n->layers && n->cosine)
			back_compare(l, n->value[i], logit, n->error[i + 1], below);
		else
			back_multiply(l, n->value[i], n->error[i + 1], below);
		for (int k = 0; below && k < l->in; k++) {
			if (i == 1 && n->energy > 0) {
				loss += n->energy * n->value[1][k] * n->value[1][k] / 2 /
					(float)l->in;
				below[k] += n->energy * n->value[1][k] / (float)l->in;
			}
			if (n->value[i][k] <= 0)
				below[k] = 0;
		}
	}
	return loss;
}

double net_step(struct net *n, const struct data *d, const int *batch, int count, float lr)
{
	double loss = 0;
	for (int i = 0; i < count; i++)
		loss += learn_from(n, d->image + (size_t)batch[i] * (size_t)d->width,
				   d->label[batch[i]]);
	for (int i = 0; i < n->layers; i++) {
		struct layer *l = &n->layer[i];
		size_t weights = (size_t)l->in * (size_t)l->out;
		float step = lr / (float)count;
		for (size_t k = 0; k < weights; k++)
			l->weight[k] -= step * l->gradient[k];
		for (int k = 0; k < l->out; k++)
			l->bias[k] -= step * l->gradient[weights + (size_t)k];
		memset(l->gradient, 0, (weights + (size_t)l->out) * sizeof *l->gradient);
	}
	return loss / count;
}

void net_judge(struct net *n, const struct data *d, double *loss, double *accuracy, int *confusion)
{
	int right = 0;
	*loss = 0;
	for (int i = 0; i < d->count; i++) {
		const float *logit = net_apply(n, d->image + (size_t)i * (size_t)d->width);
		int best = 0;
		for (int k = 1; k < CLASSES; k++)
			best = logit[k] > logit[best] ? k : best;
		*loss += cross_entropy(logit, d->label[i], NULL);
		right += best == d->label[i];
		if (confusion)
			confusion[d->label[i] * CLASSES + best]++;
	}
	*loss /= d->count ? d->count : 1;
	*accuracy = d->count ? (double)right / d->count : 0;
}
