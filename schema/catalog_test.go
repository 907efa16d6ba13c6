package schema

import (
	"encoding/json"
	"reflect"
	"testing"
)

func sample() *Catalog {
	c := New()
	users := &Table{Schema: "public", Name: "users", Columns: []Column{{Name: "id", Type: "integer", NotNull: true}}}
	c.Add(&Namespace{Name: "public"})
	c.Add(users)
	c.Add(&Default{Schema: "public", Table: "users", Column: "id", Expr: "1 < 2 & 3"})
	c.Add(&Comment{On: ColumnID(users.ID(), "id"), Text: "key"})
	c.Add(&Function{Routine: Routine{Schema: "public", Name: "f", Args: []Arg{{Name: "a", Type: "public.users"}}}, Returns: "integer"})
	c.Depend(ID{Kind: KindFunction, Schema: "public", Name: "f", Args: "public.users"}, users.ID())
	c.Depend(CommentID(ColumnID(users.ID(), "id")), ColumnID(users.ID(), "id"))
	return c
}

func TestCatalogJSONRoundTrip(t *testing.T) {
	c := sample()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	back := New()
	if err := json.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	c.forget()
	back.forget()
	if !reflect.DeepEqual(c, back) {
		t.Errorf("round trip changed the catalog:\n%s", text)
	}
	if c.Fingerprint() != back.Fingerprint() {
		t.Error("round trip changed the fingerprint")
	}
}

func TestCatalogRefusesUnknown(t *testing.T) {
	for _, text := range []string{
		`{"version":2,"objects":[]}`,
		`{"version":1,"objects":[{"kind":"table","object":{"Schema":"s","Name":"n","Colour":"red"}}]}`,
		`{"version":1,"objects":[{"kind":"gadget","object":{}}]}`,
		`{"version":1,"objects":[{"kind":"column","object":{}}]}`,
	} {
		if err := json.Unmarshal([]byte(text), New()); err == nil {
			t.Errorf("%s: read without an error", text)
		}
	}
}

func TestFingerprintSeesEveryField(t *testing.T) {
	base := sample()
	users := ID{Kind: KindTable, Schema: "public", Name: "users"}
	before := base.FingerprintOf([]ID{users})
	changed := base.Clone()
	table := *base.Get(users).(*Table)
	table.RowSecurity.Forced = true
	changed.Add(&table)
	if changed.FingerprintOf([]ID{users}) == before {
		t.Error("a changed table has the same fingerprint")
	}
	changed.Remove(users)
	if changed.FingerprintOf([]ID{users}) == before {
		t.Error("an absent table has the same fingerprint")
	}
	if base.FingerprintOf([]ID{users}) != before {
		t.Error("changing a clone changed the original")
	}
}

func TestEveryKindMakesItsObject(t *testing.T) {
	for kind, info := range kinds {
		if info.blank == nil {
			continue
		}
		o := info.blank()
		if c, ok := o.(*Comment); ok {
			c.On = ID{Kind: KindSchema, Name: "x"}
		}
		if got := o.ID().Kind; got != kind {
			t.Errorf("the table of kinds makes a %s for %s", got, kind)
		}
	}
}

func TestColumnsAreAddressable(t *testing.T) {
	c := sample()
	users := ID{Kind: KindTable, Schema: "public", Name: "users"}
	if !c.Has(ColumnID(users, "id")) || c.Has(ColumnID(users, "nope")) {
		t.Error("Has does not tell columns apart")
	}
	if owner, ok := c.Owner(CommentID(ColumnID(users, "id"))); !ok || owner != users {
		t.Errorf("owner of a column's comment: %v, %v", owner, ok)
	}
}
