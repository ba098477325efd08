/* keys - an array of the names, and a hash table of their numbers in it. */
#include "exp/keys.h"

#include <stdlib.h>
#include <string.h>

#include "exp/stamp.h"

static const struct {
	const char *name;
	bool outcome;
} known[KEY_KNOWN] = {
	[KEY_RUN] = {"run", false},
	[KEY_INDEX] = {"index", false},
	[KEY_TOTAL] = {"total", false},
	[KEY_EXPERIMENT] = {"experiment", false},
	[KEY_EXPERIMENT_DIR] = {"experiment_dir", false},
	[KEY_MODE] = {"mode", false},
	[KEY_STATUS] = {"status", true},
	[KEY_REASON] = {"reason", true},
	[KEY_RETURN_CODE] = {"return_code", true},
	[KEY_SIGNAL] = {"signal", true},
	[KEY_ERROR] = {"error", true},
	[KEY_ATTEMPT] = {"attempt", true},
	[KEY_PARAMS] = {"params", false},
	[KEY_METRICS] = {"metrics", true},
	[KEY_METRICS_ERROR] = {"metrics_error", true},
	[KEY_STARTED_AT] = {"started_at", true},
	[KEY_COMPLETED_AT] = {"completed_at", true},
	[KEY_DURATION_S] = {"duration_s", true},
	[KEY_RUN_DIR] = {"run_dir", true},
	[KEY_RUN_DIR_CANDIDATES] = {"run_dir_candidates", true},
	[KEY_RUN_DIR_ERROR] = {"run_dir_error", true},
	[KEY_NOTED_AT] = {"noted_at", false},
	[KEY_BASE_CONFIG] = {"base_config", false},
	[KEY_CONFIG_PATH] = {"config_path", false},
	[KEY_CONFIG] = {"config", false},
	[KEY_CONFIG_YAML] = {"config_yaml", false},
	[KEY_COMMAND] = {"command", false},
	[KEY_RUN_DIR_PARENT] = {"run_dir_parent", false},
	[KEY_METRICS_FILE] = {"metrics_file", false},
	[KEY_METRICS_JQ] = {"metrics_jq", false},
	[KEY_LOG_PATH] = {"log_path", true},
	[KEY_HOST] = {"host", true},
	[KEY_PID] = {"pid", true},
	[KEY_BOOT_ID] = {"boot_id", true},
	[KEY_USER_S] = {"user_s", true},
	[KEY_SYSTEM_S] = {"system_s", true},
	[KEY_MAX_RSS_KB] = {"max_rss_kb", true},
	[KEY_LEFTOVERS] = {"leftovers", true},
	[KEY_SURVIVORS] = {"survivors", true},
	[KEY_CONFIG_CHANGED] = {"config_changed", true},
	[KEY_SESSION] = {"session", false},
	[KEY_SESSION_STARTED_AT] = {"session_started_at", false},
	[KEY_SPEC_PATH] = {"spec_path", false},
	[KEY_CREATED_AT] = {"created_at", false},
	[KEY_FORMAT] = {"format", false},
};

bool keys_is_outcome(unsigned key)
{
	return key < KEY_KNOWN && known[key].outcome;
}

bool keys_names_outcome(struct slice name)
{
	for (size_t i = 0; i < KEY_KNOWN; i++)
		if (stamp_compare_bytes(name,
					(struct slice){known[i].name, strlen(known[i].name)}) == 0)
			return known[i].outcome;
	return false;
}

static size_t hash_word(struct slice s)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.data[i]) * 16777619u;
	return h;
}

static void put_word(struct keys *k, size_t number)
{
	size_t at = hash_word(k->word[number].name) & (k->slots - 1);
	while (k->slot[at])
		at = (at + 1) & (k->slots - 1);
	k->slot[at] = (uint16_t)(number + 1);
}

static bool grow_words(struct keys *k)
{
	size_t slots = k->slots ? k->slots * 2 : 256;
	uint16_t *slot = calloc(slots, sizeof *slot);
	if (!slot)
		return false;
	free(k->slot);
	k->slot = slot;
	k->slots = slots;
	for (size_t i = 0; i < k->count; i++)
		put_word(k, i);
	return true;
}

static struct slice copy_word(struct slice s)
{
	char *data = malloc(s.len + 1);
	if (data)
		memcpy(data, s.data, s.len);
	return (struct slice){data, s.len};
}

/* -1: out of memory. */
static int add_word(struct keys *k, struct slice name)
{
	if (k->count == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 64;
		struct keys_word *word = realloc(k->word, cap * sizeof *word);
		if (!word)
			return -1;
		k->word = word;
		k->cap = cap;
	}
	if (k->count * 2 >= k->slots && !grow_words(k))
		return -1;
	struct slice copy = copy_word(name);
	if (!copy.data)
		return -1;
	k->word[k->count] = (struct keys_word){.name = copy};
	put_word(k, k->count);
	return (int)k->count++;
}

/* The number of a key; -1: out of memory, or too many of them. */
static int word_number(struct keys *k, struct slice name)
{
	size_t at = hash_word(name) & (k->slots - 1);
	for (; k->slot[at]; at = (at + 1) & (k->slots - 1))
		if (stamp_compare_bytes(k->word[k->slot[at] - 1].name, name) == 0)
			return k->slot[at] - 1;
	return k->count < KEYS_MAX ? add_word(k, name) : -1;
}

bool keys_init(struct keys *k)
{
	*k = (struct keys){0};
	bool good = grow_words(k);
	for (size_t i = 0; good && i < KEY_KNOWN; i++)
		good = add_word(k, (struct slice){known[i].name, strlen(known[i].name)}) >= 0;
	return good;
}

void keys_free(struct keys *k)
{
	for (size_t i = 0; i < k->count; i++) {
		free((char *)k->word[i].name.data);
		for (size_t n = 0; n < k->word[i].common_count; n++)
			free((char *)k->word[i].common[n].data);
	}
	free(k->word);
	free(k->slot);
}

unsigned keys_common(struct keys *k, unsigned key, struct slice value)
{
	struct keys_word *w = &k->word[key];
	for (unsigned i = 0; i < w->common_count; i++)
		if (stamp_compare_bytes(w->common[i], value) == 0)
			return i;
	if (w->common_count == KEYS_COMMON || value.len > 256)
		return KEYS_NONE;
	struct slice copy = copy_word(value);
	if (!copy.data)
		return KEYS_NONE;
	w->common[w->common_count] = copy;
	return w->common_count++;
}

int keys_number(struct keys *k, struct slice raw)
{
	struct buf plain = BUF_INIT;
	if (!memchr(raw.data, '\\', raw.len))
		return word_number(k, raw);
	int number = json_respell(&plain, raw)
			     ? word_number(k, (struct slice){plain.data, plain.len})
			     : -1;
	buf_free(&plain);
	return number;
}
