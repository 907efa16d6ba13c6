package legacy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

const djangoTable = "CREATE TABLE django_migrations (id serial PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied timestamptz NOT NULL);" +
	"INSERT INTO django_migrations (app, name, applied) VALUES "

// djangoFile is a migration with assignments in its class.
func djangoFile(body string) string {
	return "from django.db import migrations\n\nclass Migration(migrations.Migration):\n    \"\"\"what it is for\"\"\"\n    " + strings.ReplaceAll(body, "\n", "\n    ") + "\n    operations = []\n"
}

func TestDjangoSquashes(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"shop/migrations/__init__.py":             "",
		"shop/migrations/0001_squashed_0003_c.py": djangoFile("replaces = [('shop', '0001_a'), ('shop', '0002_b'),\n  ('shop', '0003_c')]\ndependencies = []"),
		"shop/migrations/0004_d.py":               djangoFile("dependencies = [('shop', '0001_squashed_0003_c'), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]"),
	}
	old := map[string]string{
		"shop/migrations/0001_a.py": djangoFile("dependencies = []"), "shop/migrations/0002_b.py": djangoFile("dependencies = [('shop', '0001_a')]"),
		"shop/migrations/0003_c.py": djangoFile("dependencies = [('shop', '0002_b')]"),
	}
	both := map[string]string{}
	for _, m := range []map[string]string{files, old} {
		for name, text := range m {
			both[name] = text
		}
	}
	all := "('shop', '0001_a', now()), ('shop', '0002_b', now()), ('shop', '0003_c', now())"
	for _, test := range []struct {
		name, rows string
		files      map[string]string
		want       string
	}{
		{"recorded, the old files gone", all + ", ('shop', '0001_squashed_0003_c', now()), ('auth', '0001_initial', now())", files,
			"shop.0001_a applied, shop.0002_b applied, shop.0003_c applied, shop.0001_squashed_0003_c applied, auth.0001_initial applied, pending shop.0004_d"},
		{"not recorded, all ran", all, both, "shop.0001_a applied, shop.0002_b applied, shop.0003_c applied, pending shop.0004_d"},
		{"a part ran", "('shop', '0001_a', now())", both, "shop.0001_a applied, pending shop.0002_b, pending shop.0003_c, pending shop.0004_d"},
		{"none ran", "('auth', '0001_initial', now())", both, "auth.0001_initial applied, pending shop.0001_squashed_0003_c, pending shop.0004_d"},
	} {
		h := database(t, djangoTable+test.rows, legacy.Wanted{}, write(t, test.files))
		if got := story(h); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
		if slices.Contains(codes(h), legacy.MissingFile) {
			t.Errorf("%s: got %v", test.name, h.Problems)
		}
	}
}

func TestDjangoApplications(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"my_users/apps.py":                         "class C(AppConfig):\n    name = 'my_users'\n    label = 'users'\n",
		"my_users/migrations/0001_a.py":            djangoFile("run_before = [('shop', '0001_z')]"),
		"site/settings/base.py":                    "MIGRATION_MODULES = {\n    'shop': 'moved.shop_history',\n}\n",
		"moved/shop_history/0001_z.py":             djangoFile("dependencies = []"),
		"moved/shop_history/0002_y.py":             djangoFile("dependencies = [('shop', '__first__'), ('users', '__latest__')]"),
		"lib/site-packages/x/migrations/0001_i.py": djangoFile("dependencies = []"),
		"south/migrations/0001_i.py":               "class Migration(SchemaMigration):\n    pass\n",
	})
	h := database(t, djangoTable+"('contenttypes', '0001_initial', now()), ('users', '0001_a', now()), ('users', '0001_a', now()), ('users', '0009_gone', now())", legacy.Wanted{}, dir)
	want := "contenttypes.0001_initial applied, users.0001_a applied past, users.0001_a applied, users.0009_gone applied, pending shop.0001_z, pending shop.0002_y"
	if got := story(h); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !slices.Equal(codes(h), []legacy.Code{legacy.DuplicateVersion, legacy.MissingFile, legacy.PendingCode, legacy.PendingCode}) {
		t.Errorf("got %v", h.Problems)
	}
	if e := h.Entries[0]; e.File.State != legacy.FileUnverifiable || !strings.Contains(e.File.Reason, "not in the directory") {
		t.Errorf("got %+v", e.File)
	}
}
