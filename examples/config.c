/* config - a table of keys; unknown keys and bad values are errors. */
#include "config.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static const char *file_name;

static void refuse(const yaml_node_t *at, const char *fmt, ...)
{
	va_list ap;
	fprintf(stderr, "%s:%zu:%zu: ", file_name, at ? at->start_mark.line + 1 : 1,
		at ? at->start_mark.column + 1 : 1);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

static const char *text_of(const yaml_node_t *n, const char *key)
{
	if (n->type != YAML_SCALAR_NODE)
		refuse(n, "%s takes one value", key);
	if (strlen((const char *)n->data.scalar.value) != n->data.scalar.length)
		refuse(n, "%s has a NUL character", key);
	return (const char *)n->data.scalar.value;
}

static double number_of(const yaml_node_t *n, const char *key, double least, double most)
{
	const char *text = text_of(n, key);
	char *end;
	double value = strtod(text, &end);
	if (*text == '\0' || *end || n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		refuse(n, "%s takes a number, not \"%s\"", key, text);
	if (!(value >= least && value <= most))
		refuse(n, "%s is %s; it has to be from %g to %g", key, text, least, most);
	return value;
}

static int whole_of(const yaml_node_t *n, const char *key, int least, int most)
{
	double value = number_of(n, key, least, most);
	if (value != floor(value))
		refuse(n, "%s takes a whole number", key);
	return (int)value;
}

/* One of the words in `choices`, which are separated by '|'. */
static void word_of(const yaml_node_t *n, const char *key, const char *choices, char *out)
{
	const char *text = text_of(n, key), *found = strstr(choices, text);
	size_t len = strlen(text);
	if (len == 0 || strchr(text, '|') || !found || (found > choices && found[-1] != '|') ||
	    (found[len] && found[len] != '|'))
		refuse(n, "%s is \"%s\"; it has to be one of %s", key, text, choices);
	memcpy(out, text, len + 1);
}

static void take_lambdas(struct config *c, yaml_document_t *doc, const yaml_node_t *n)
{
	if (n->type != YAML_SEQUENCE_NODE)
		refuse(n, "lambda_ace takes a list with one number per hidden layer");
	for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top;
	     i++) {
		if (c->lambda_count == MAX_LAYERS)
			refuse(n, "lambda_ace has more than %d numbers", MAX_LAYERS);
		c->lambda_ace[c->lambda_count++] =
			number_of(yaml_document_get_node(doc, *i), "lambda_ace", 0, 1000);
	}
}

static void take(struct config *c, yaml_document_t *doc, const char *key, const yaml_node_t *at,
		 const yaml_node_t *n)
{
	if (strcmp(key, "dataset") == 0)
		word_of(n, key, "fashion_mnist|synthetic", c->dataset);
	else if (strcmp(key, "model") == 0)
		word_of(n, key, "mlp|greedy", c->model);
	else if (strcmp(key, "layers") == 0)
		c->layers = whole_of(n, key, 1, MAX_LAYERS);
	else if (strcmp(key, "hidden") == 0)
		c->hidden = whole_of(n, key, 1, 4096);
	else if (strcmp(key, "lr") == 0)
		c->lr = number_of(n, key, 0, 1000);
	else if (strcmp(key, "scheduler") == 0)
		word_of(n, key, "constant|cosine", c->scheduler);
	else if (strcmp(key, "similarity") == 0)
		word_of(n, key, "dot|cosine", c->similarity);
	else if (strcmp(key, "batch_size") == 0)
		c->batch_size = whole_of(n, key, 1, 10000);
	else if (strcmp(key, "epochs") == 0)
		c->epochs = whole_of(n, key, 1, 10000);
	else if (strcmp(key, "seed") == 0)
		c->seed = whole_of(n, key, 0, 2000000000);
	else if (strcmp(key, "train_size") == 0)
		c->train_size = whole_of(n, key, 1, 60000);
	else if (strcmp(key, "lambda_ace") == 0)
		take_lambdas(c, doc, n);
	else
		refuse(at, "unknown key %s", key);
}

static void check(const struct config *c)
{
	if (strcmp(c->model, "greedy") == 0 && c->lambda_count != c->layers - 1)
		refuse(NULL,
		       "lambda_ace has %d numbers; greedy with layers: %d takes %d, one per hidden "
		       "layer",
		       c->lambda_count, c->layers, c->layers - 1);
	if (strcmp(c->model, "greedy") == 0 && c->layers < 2)
		refuse(NULL, "greedy takes at least 2 layers");
	if (strcmp(c->model, "mlp") == 0 && c->lambda_count)
		refuse(NULL, "lambda_ace belongs to model: greedy");
}

/* libyaml keeps both of two pairs with the same key. */
static void check_once(yaml_document_t *doc, const yaml_node_t *root, const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = yaml_document_get_node(doc, pair->key);
	for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < pair; p++) {
		const yaml_node_t *other = yaml_document_get_node(doc, p->key);
		if (strcmp(text_of(key, "a key"), text_of(other, "a key")) == 0)
			refuse(key, "%s is repeated", text_of(key, "a key"));
	}
}

static void check_alone(yaml_parser_t *parser)
{
	yaml_document_t more;
	if (!yaml_parser_load(parser, &more))
		refuse(NULL, "%s", parser->problem);
	yaml_node_t *root = yaml_document_get_root_node(&more);
	if (root)
		refuse(root, "a second document; the config is one");
	yaml_document_delete(&more);
}

void config_read(struct config *c, const char *file)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	FILE *in = fopen(file, "rb");
	*c = (struct config){
		"fashion_mnist", "mlp", 2, 32, 0.1, "constant", "dot", 32, 1, 0, 6000, {0}, 0};
	file_name = file;
	if (!in || !yaml_parser_initialize(&parser)) {
		perror(file);
		exit(2);
	}
	yaml_parser_set_input_file(&parser, in);
	if (!yaml_parser_load(&parser, &doc)) {
		fprintf(stderr, "%s:%zu:%zu: %s\n", file, parser.problem_mark.line + 1,
			parser.problem_mark.column + 1, parser.problem);
		exit(2);
	}
	yaml_node_t *root = yaml_document_get_root_node(&doc);
	if (!root || root->type != YAML_MAPPING_NODE)
		refuse(root, "the config has to be a map of keys and values");
	for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = yaml_document_get_node(&doc, pair->key);
		check_once(&doc, root, pair);
		take(c, &doc, text_of(key, "a key"), key,
		     yaml_document_get_node(&doc, pair->value));
	}
	check_alone(&parser);
	check(c);
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	fclose(in);
}
