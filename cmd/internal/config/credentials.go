package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/credential"
)

var credentialsSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "command"}, {Name: "timeout"}, {Name: "format"}, {Name: "password_file"}, {Name: "username_file"}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "vault"}},
}

var vaultSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "address"}, {Name: "namespace"}, {Name: "ca_cert"}, {Name: "mount"}, {Name: "role", Required: true}, {Name: "static"}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "auth"}},
}

var authSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "token"}, {Name: "token_file"}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "kubernetes"}, {Type: "approle"}, {Type: "jwt"}},
}

// authMethods are the attributes of the blocks inside auth.
var authMethods = map[string]*hcl.BodySchema{
	"kubernetes": {Attributes: []hcl.AttributeSchema{{Name: "role", Required: true}, {Name: "jwt_path"}, {Name: "mount"}}},
	"approle":    {Attributes: []hcl.AttributeSchema{{Name: "role_id", Required: true}, {Name: "secret_id"}, {Name: "secret_id_file"}, {Name: "mount"}}},
	"jwt":        {Attributes: []hcl.AttributeSchema{{Name: "role", Required: true}, {Name: "jwt"}, {Name: "jwt_path"}, {Name: "mount"}}},
}

// checkCredentials checks the structure of a credentials block: one source, in each layer one of the ways.
func checkCredentials(b *hcl.Block) hcl.Diagnostics {
	content, diags := b.Body.Content(credentialsSchema)
	sources := len(content.Blocks)
	for _, name := range []string{"command", "password_file"} {
		if content.Attributes[name] != nil {
			sources++
		}
	}
	diags = append(diags, exactlyOne(b, sources, "command, password_file or a block vault")...)
	for _, inner := range content.Blocks {
		vault, more := inner.Body.Content(vaultSchema)
		diags = append(diags, more...)
		if len(vault.Blocks) > 1 {
			diags = append(diags, exactlyOne(inner, len(vault.Blocks), "block auth")...)
		}
		for _, auth := range vault.Blocks {
			diags = append(diags, checkAuth(auth)...)
		}
	}
	return diags
}

func checkAuth(b *hcl.Block) hcl.Diagnostics {
	content, diags := b.Body.Content(authSchema)
	diags = append(diags, exactlyOne(b, len(content.Blocks)+len(content.Attributes), "token, token_file, kubernetes, approle or jwt")...)
	for _, method := range content.Blocks {
		inner, more := method.Body.Content(authMethods[method.Type])
		diags = append(diags, more...)
		switch method.Type {
		case "approle":
			diags = append(diags, exactlyOne(method, count(inner, "secret_id", "secret_id_file"), "secret_id or secret_id_file")...)
		case "jwt":
			diags = append(diags, exactlyOne(method, count(inner, "jwt", "jwt_path"), "jwt or jwt_path")...)
		}
	}
	return diags
}

func count(content *hcl.BodyContent, names ...string) (n int) {
	for _, name := range names {
		if content.Attributes[name] != nil {
			n++
		}
	}
	return n
}

func exactlyOne(b *hcl.Block, found int, of string) hcl.Diagnostics {
	if found == 1 {
		return nil
	}
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Invalid block", Subject: &b.DefRange,
		Detail: fmt.Sprintf("A block %q holds exactly one %s.", b.Type, of)}}
}

// Credentials evaluates the credentials block of an environment, else that of the file, whole; nil where there is none.
func (c *Config) Credentials(name string) (*credential.Spec, hcl.Diagnostics) {
	b := c.defaults.settings["credentials"]
	if e, ok := c.environments[name]; ok && e.settings["credentials"] != nil {
		b = e.settings["credentials"]
	}
	if b == nil {
		return nil, nil
	}
	content, _ := b.Body.Content(credentialsSchema) // what is wrong with it was reported when the file was read
	d := &decoder{config: c, attributes: content.Attributes}
	spec := &credential.Spec{}
	switch {
	case content.Attributes["command"] != nil:
		command := &credential.Command{Argv: d.texts("command"), Text: d.oneOf("format", "json", "text") == "text"}
		if timeout := d.duration("timeout"); timeout != nil {
			command.Timeout = *timeout
		}
		spec.Command = command
	case content.Attributes["password_file"] != nil:
		spec.Files = &credential.Files{Password: d.text("password_file"), Username: d.text("username_file")}
	}
	d.unused("credentials", spec.Command == nil, "timeout", "format")
	d.unused("credentials", spec.Files == nil, "username_file")
	for _, inner := range content.Blocks {
		spec.Vault = d.vault(inner)
	}
	return spec, d.diags
}

// unused refuses attributes that mean nothing beside the others.
func (d *decoder) unused(block string, without bool, names ...string) {
	for _, name := range names {
		if without && d.attributes[name] != nil {
			d.wrong(name, fmt.Sprintf("%q means nothing in this block %s.", name, block))
		}
	}
}

func (d *decoder) vault(b *hcl.Block) *credential.Vault {
	content, _ := b.Body.Content(vaultSchema)
	inner := &decoder{config: d.config, attributes: content.Attributes}
	v := &credential.Vault{
		Address: inner.text("address"), Namespace: inner.text("namespace"), CACert: inner.path("ca_cert"), Mount: inner.text("mount"), Role: inner.text("role"),
	}
	if content.Attributes["static"] != nil {
		v.Static = inner.flag("static")
	}
	d.diags = append(d.diags, inner.diags...)
	for _, auth := range content.Blocks {
		d.auth(auth, &v.Auth)
	}
	return v
}

func (d *decoder) auth(b *hcl.Block, into *credential.Auth) {
	content, _ := b.Body.Content(authSchema)
	inner := &decoder{config: d.config, attributes: content.Attributes}
	into.Token, into.TokenFile = connect.NewSecret(inner.hidden("token")), inner.text("token_file")
	d.diags = append(d.diags, inner.diags...)
	for _, method := range content.Blocks {
		content, _ := method.Body.Content(authMethods[method.Type])
		m := &decoder{config: d.config, attributes: content.Attributes}
		switch method.Type {
		case "kubernetes":
			into.Kubernetes = &credential.Kubernetes{Role: m.text("role"), Mount: m.text("mount"), JWTPath: m.text("jwt_path")}
		case "approle":
			into.AppRole = &credential.AppRole{RoleID: m.text("role_id"), SecretID: connect.NewSecret(m.hidden("secret_id")), SecretIDFile: m.text("secret_id_file"), Mount: m.text("mount")}
		case "jwt":
			into.JWT = &credential.JWT{Role: m.text("role"), JWT: connect.NewSecret(m.hidden("jwt")), JWTPath: m.text("jwt_path"), Mount: m.text("mount")}
		}
		d.diags = append(d.diags, m.diags...)
	}
}
