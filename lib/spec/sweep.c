/*
 * sweep - look-ups in a spec and its base configs that several modules need.
 */
#include "spec/sweep.h"

#include "spec/yamlread.h"

int sweep_slot(const struct resolve *r, struct slice key)
{
	for (size_t i = 0; i < r->slot_count; i++)
		if (slice_same(key, (struct slice){r->slots[i]->key, r->slots[i]->key_len}))
			return (int)i;
	return -1;
}

const char *sweep_suffix(const struct resolve_base *base)
{
	return yamlread_is_json_name(base->path) ? ".json" : ".yaml";
}

yaml_id sweep_command(const struct spec *s, const struct yamldoc **doc)
{
	*doc = s->command ? &s->doc : &s->modes.doc;
	return s->command ? s->command : s->mode_of.command;
}
