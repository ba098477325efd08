#ifndef EXAMPLE_NET_H
#define EXAMPLE_NET_H
/*
 * net - fully connected layers with ReLU between them and softmax behind the last,
 * trained by minibatch SGD on cross entropy.
 */
#include <stdbool.h>
#include <stdint.h>

#include "data.h"

struct layer {
	int in, out;
	float *weight;   /* in x out */
	float *bias;     /* out */
	float *gradient; /* in x out, then out for the bias: the sum over a batch */
};

struct net {
	int layers;
	struct layer *layer;
	bool cosine;   /* the last layer compares by cosine, times COSINE_SCALE */
	float energy;  /* weight of mean(h^2)/2 over the first hidden layer */
	float **value; /* layers + 1: the input and what each layer makes of it */
	float **error; /* the same for the derivative of the loss */
};

/* sizes: layers + 1 numbers. Weights are drawn as He et al. (2015) do. */
void net_make(struct net *n, const int *sizes, int layers, bool cosine, float energy,
	      uint64_t *random);
void net_free(struct net *n);

/* The outputs for one input, borrowed: logits. */
const float *net_apply(struct net *n, const float *input);

/* One step on a batch of images by their numbers; returns the mean loss. */
double net_step(struct net *n, const struct data *d, const int *batch, int count, float lr);

/* Mean loss and accuracy; confusion may be NULL, else CLASSES x CLASSES counts,
 * one row per true class. */
void net_judge(struct net *n, const struct data *d, double *loss, double *accuracy, int *confusion);

#endif
