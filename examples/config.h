#ifndef EXAMPLE_CONFIG_H
#define EXAMPLE_CONFIG_H
/* config - the trainer's settings, read from a YAML file. */

enum { MAX_LAYERS = 16 };

struct config {
	char dataset[32];              /* fashion_mnist | synthetic */
	char model[32];                /* mlp | greedy */
	int layers;                    /* of weights; hidden layers are layers - 1 */
	int hidden;                    /* units in each hidden layer */
	double lr;                     /* learning rate at the start */
	char scheduler[32];            /* constant | cosine */
	char similarity[32];           /* of features and class weights: dot | cosine */
	int batch_size;                /* images per step */
	int epochs;                    /* passes over the training images */
	int seed;                      /* the same seed gives the same result, bit for bit */
	int train_size;                /* how many training images to use */
	double lambda_ace[MAX_LAYERS]; /* greedy: weight of the activation energy, per
					* hidden layer */
	int lambda_count;
};

/* Read and check a file; whatever is wrong is said on stderr, and ends the program
 * with status 2. */
void config_read(struct config *c, const char *file);

#endif
