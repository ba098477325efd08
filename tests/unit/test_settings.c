/* settings - what a program's own files say of the values it was started with. */
#include "exp/settings.h"

#include "unit.h"

static struct slice slice(const char *text)
{
	return (struct slice){text, strlen(text)};
}

static void files_in_the_forms_of_the_wild(void **state)
{
	static const struct {
		const char *text, *params;
		enum settings says;
	} cases[] = {
		{"lr: 0.1\nseed: 3\n", "{\"lr\":0.1,\"seed\":3}", SETTINGS_AGREE},
		{"lr: 0.10\nseed: 3.0\n", "{\"lr\":0.1,\"seed\":3}", SETTINGS_AGREE},
		{"lr: 1e-1\n", "{\"lr\":0.1}", SETTINGS_AGREE},
		{"lr: 0.1\n", "{\"lr\":0.1,\"seed\":3}", SETTINGS_SILENT},
		{"lr: 0.2\nseed: 3\n", "{\"lr\":0.1,\"seed\":3}", SETTINGS_DIFFER},
		{"{\"lr\": 0.1, \"seed\": 3}", "{\"lr\":0.1,\"seed\":3}", SETTINGS_AGREE},
		{"Namespace(lr=0.1, seed=3)", "{\"lr\":0.1,\"seed\":3}", SETTINGS_AGREE},
		{"python train.py --lr 0.1 --weight-decay=0.01",
		 "{\"lr\":0.1,\"weight_decay\":0.01}", SETTINGS_AGREE},
		{"lr | 0.1 |\n", "{\"lr\":0.1}", SETTINGS_AGREE},
		{"lr = 0.1\n[other]\nlr = 0.5\n", "{\"lr\":0.1}", SETTINGS_AGREE},
		{"lr_decay: 0.1\nbase.lr: 0.1\n--base-lr 0.1\nlr2: 0.1", "{\"lr\":0.1}",
		 SETTINGS_SILENT},
		{"lr_decay: 0.2\nlr: 0.1\n", "{\"lr\":0.1}", SETTINGS_AGREE},
		{"optimizer:\n  lr: 0.1\n", "{\"optimizer.lr\":0.1}", SETTINGS_AGREE},
		{"optimizer.lr=0.1\n", "{\"optimizer.lr\":0.1}", SETTINGS_AGREE},
		{"shuffle: True\nname: null\n", "{\"shuffle\":true,\"name\":null}", SETTINGS_AGREE},
		{"name: None\n", "{\"name\":null}", SETTINGS_AGREE},
		{"schedule: cosine\n", "{\"schedule\":\"cosine\"}", SETTINGS_AGREE},
		{"schedule: 'cosine annealing' # why\n", "{\"schedule\":\"cosine annealing\"}",
		 SETTINGS_AGREE},
		{"schedule: cosine_2\n", "{\"schedule\":\"cosine\"}", SETTINGS_DIFFER},
		{"layers: [64, 32]\n", "{\"layers\":[64,32]}", SETTINGS_AGREE},
		{"layers:\n- 64\n- 32\n", "{\"layers\":[64,32]}", SETTINGS_AGREE},
		{"layers:\n  - -1\n  - 2\n", "{\"layers\":[-1,2]}", SETTINGS_AGREE},
		{"layers: [64, 33]\n", "{\"layers\":[64,32]}", SETTINGS_DIFFER},
		{"opt: {name: sgd, lr: 0.1}\n", "{\"opt\":{\"name\":\"sgd\",\"lr\":0.1}}",
		 SETTINGS_AGREE},
		{"steps: 017\n", "{\"steps\":\"017\"}", SETTINGS_AGREE},
		{"lr:\n", "{\"lr\":0.1}", SETTINGS_SILENT},
		{"lr: # not set\n", "{\"lr\":0.1}", SETTINGS_SILENT},
		{"lr", "{\"lr\":0.1}", SETTINGS_SILENT},
		{"lr:", "{\"lr\":\"\"}", SETTINGS_SILENT},
		{"", "{\"lr\":0.1}", SETTINGS_SILENT},
		{"lr: 0.1\n", "{}", SETTINGS_SILENT},
		{"lr: 0.1\n", "null", SETTINGS_SILENT},
		{"-lr 0.1", "{\"lr\":0.1}", SETTINGS_AGREE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* a copy without anything behind it, so that a read too far is seen */
		size_t len = strlen(cases[i].text);
		char *text = malloc(len ? len : 1);
		memcpy(text, cases[i].text, len);
		enum settings says = settings_compare(text, len, slice(cases[i].params));
		if (says != cases[i].says)
			fail_msg("%s: %d", cases[i].text, (int)says);
		free(text);
	}
}

static void their_names(void **state)
{
	(void)state;
	assert_true(settings_is_name("config.yaml"));
	assert_true(settings_is_name("hparams.yaml"));
	assert_true(settings_is_name("Args.json"));
	assert_true(settings_is_name("cmd.txt"));
	assert_true(settings_is_name("overrides.yaml"));
	assert_false(settings_is_name("metrics.json"));
	assert_false(settings_is_name("params.npz"));
	assert_false(settings_is_name("model.pt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_in_the_forms_of_the_wild),
		cmocka_unit_test(their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
