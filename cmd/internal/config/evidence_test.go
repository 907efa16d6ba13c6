package config

import (
	"testing"
	"time"
)

func TestEvidence(t *testing.T) {
	path := project(t, map[string]string{"pleat.hcl": `
evidence {
  window   = "7d"
  standbys = ["postgres://app:s3cret@replica/db"]
}
env "dev" {
  evidence { required = false }
}
env "prod" {
  evidence {
    window   = "36h"
    standbys = []
  }
}`})
	c := load(t, path, Options{Getenv: noEnv})
	read := func(name string) *Evidence {
		e, diags := c.Evidence(name)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return e
	}
	all := read("")
	if all.Required != nil || *all.Window != 7*24*time.Hour || len(all.Standbys) != 1 || all.Standbys[0].Reveal() != "postgres://app:s3cret@replica/db" {
		t.Errorf("%+v", all)
	}
	if secrets := c.Secrets(); len(secrets) != 1 {
		t.Errorf("secrets %v", secrets)
	}
	if dev := read("dev"); dev.Required == nil || *dev.Required || len(dev.Standbys) != 1 {
		t.Errorf("%+v", dev)
	}
	if prod := read("prod"); *prod.Window != 36*time.Hour || len(prod.Standbys) != 0 {
		t.Errorf("%+v", prod)
	}
}

func TestWrongEvidence(t *testing.T) {
	for _, text := range []string{`window = "soon"`, `window = "-1d"`, `window = "99999d"`, `required = "maybe"`, `standbys = [""]`} {
		c := load(t, project(t, map[string]string{"pleat.hcl": "evidence {\n" + text + "\n}"}), Options{Getenv: noEnv})
		if _, diags := c.Evidence(""); !diags.HasErrors() {
			t.Errorf("%s is taken", text)
		}
	}
	for _, text := range []string{"evidence { windows = 1 }", "evidence {}\nevidence {}", "evidence \"x\" {}"} {
		if _, diags := Load(project(t, map[string]string{"pleat.hcl": text}), Options{Getenv: noEnv}); !diags.HasErrors() {
			t.Errorf("%s is taken", text)
		}
	}
}
