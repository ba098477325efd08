#ifndef SETTINGS_H
#define SETTINGS_H
/*
 * settings - search a file of a program's settings for values of parameters.
 *
 * Programs keep their settings beside their results in many forms: config.yaml,
 * hparams.yaml, .hydra/config.yaml, args.json, cmd.txt. Whatever the form, a setting is
 * its name, something between, and its value.
 */
#include <stdbool.h>

#include "base/json.h"

enum settings {
	SETTINGS_SILENT, /* it does not name all of them */
	SETTINGS_AGREE,  /* it names all, with these values */
	SETTINGS_DIFFER  /* it names one with another value, and not with this one */
};

/* Do files of that name hold a program's settings? */
bool settings_is_name(const char *file);

/* params: a raw JSON object, as a run line has it. One without members: silent. */
enum settings settings_compare(const char *text, size_t len, struct slice params);

#endif
