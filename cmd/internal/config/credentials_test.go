package config

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/credential"
)

func TestCredentials(t *testing.T) {
	path := project(t, map[string]string{"pleat.hcl": `
credentials {
  command = ["aws", "rds", "generate-db-auth-token"]
  format  = "text"
  timeout = "5s"
}
env "inherits" {}
env "files" {
  allow_exec = true
  credentials {
    password_file = "/run/secrets/password"
    username_file = "user"
  }
}
env "vault" {
  credentials {
    vault {
      address   = "https://vault:8200"
      namespace = "team"
      mount     = "db"
      role      = "app"
      static    = true
      ca_cert   = "/ca.pem"
      auth {
        approle {
          role_id   = "id"
          secret_id = "canary-secret"
          mount     = "ci"
        }
      }
    }
  }
}
env "token" {
  credentials {
    vault {
      role = "app"
      auth { token = "canary-token" }
    }
  }
}
env "kubernetes" {
  credentials {
    vault {
      role = "app"
      auth {
        kubernetes {
          role     = "migrate"
          jwt_path = "/token"
        }
      }
    }
  }
}`})
	c := load(t, path, Options{Getenv: noEnv})
	read := func(name string) credential.Spec {
		t.Helper()
		spec, diags := c.Credentials(name)
		if diags.HasErrors() || spec == nil {
			t.Fatal(diags)
		}
		return *spec
	}
	for _, name := range []string{"", "inherits"} {
		want := credential.Command{Argv: []string{"aws", "rds", "generate-db-auth-token"}, Timeout: 5 * time.Second, Text: true}
		if diff := cmp.Diff(want, *read(name).Command); diff != "" {
			t.Error(diff)
		}
	}
	if f := read("files").Files; f.Password != "/run/secrets/password" || f.Username != "user" || read("files").Command != nil {
		t.Errorf("%+v", f)
	}
	v := *read("vault").Vault
	if v.Address != "https://vault:8200" || v.Namespace != "team" || v.Mount != "db" || v.Role != "app" || !v.Static || v.CACert != "/ca.pem" {
		t.Errorf("%+v", v)
	}
	if a := v.Auth.AppRole; a.RoleID != "id" || a.SecretID.Reveal() != "canary-secret" || a.Mount != "ci" {
		t.Errorf("%+v", a)
	}
	if token := read("token").Vault.Auth.Token; token.Reveal() != "canary-token" {
		t.Errorf("token %s", token.Reveal())
	}
	if k := read("kubernetes").Vault.Auth.Kubernetes; k.Role != "migrate" || k.JWTPath != "/token" {
		t.Errorf("%+v", k)
	}
	for _, secret := range []string{"canary-secret", "canary-token"} {
		if !slices.Contains(c.Secrets(), secret) {
			t.Errorf("%s is not among the secrets", secret)
		}
	}
	e, diags := c.Environment("files")
	if diags.HasErrors() || !e.AllowExec {
		t.Errorf("allow_exec: %v %v", e, diags)
	}
}

func TestWrongCredentials(t *testing.T) {
	for _, text := range []string{
		``, `command = ["a"]
password_file = "b"`, `commands = ["a"]`, `username_file = "a"`, `vault {}`, `vault { role = "a" }
vault { role = "b" }`, `vault {
  role = "a"
  auth {}
}`, `vault {
  role = "a"
  auth {
    token = "t"
    token_file = "f"
  }
}`, `vault {
  role = "a"
  auth {
    approle { role_id = "a" }
  }
}`, `vault {
  role = "a"
  auth {
    jwt { role = "a" }
  }
}`, `vault {
  role = "a"
  auth {
    ldap {}
  }
}`,
	} {
		if _, diags := Load(project(t, map[string]string{"pleat.hcl": "credentials {\n" + text + "\n}"}), Options{Getenv: noEnv}); !diags.HasErrors() {
			t.Errorf("%s is taken", text)
		}
	}
	for _, text := range []string{
		`command = "a"`, `command = [""]`, `command = ["a"]
format = "xml"`, `command = ["a"]
timeout = "soon"`, `password_file = "a"
format = "text"`, `command = ["a"]
username_file = "b"`, `vault {
  role = "a"
  static = "perhaps"
}`,
	} {
		c := load(t, project(t, map[string]string{"pleat.hcl": "credentials {\n" + text + "\n}"}), Options{Getenv: noEnv})
		if _, diags := c.Credentials(""); !diags.HasErrors() {
			t.Errorf("%s is taken", text)
		}
	}
}
