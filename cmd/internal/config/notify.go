package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// Forms of what a notify block sends.
const (
	CloudEvents = "cloudevents"
	Slack       = "slack"
)

// Notify is what a notify block says.
type Notify struct {
	Name string
	// URL is where to; for Slack it is a secret in itself.
	URL connect.Secret
	// Form is CloudEvents or Slack.
	Form string
	// Key signs what is sent (HMAC-SHA256); may be empty.
	Key connect.Secret
	// Events are the types of events to send; empty for the default.
	Events []string
	// Timeout is that of one attempt, Attempts how many there are; 0: not said.
	Timeout  time.Duration
	Attempts int
}

// Notify evaluates the notify blocks of an environment over those of the file. types are the events that there are.
func (c *Config) Notify(environment string, types []string) ([]*Notify, hcl.Diagnostics) {
	var out []*Notify
	var diags hcl.Diagnostics
	for _, s := range c.settingsFor(environment, "notify") {
		d := &decoder{config: c, attributes: s.attributes}
		d.required(s, "notify block", "url")
		n := &Notify{Name: s.name, Form: d.oneOf("type", CloudEvents, Slack), Timeout: d.span("timeout"), Attempts: int(d.count("attempts", 20))}
		if n.Form == "" {
			n.Form = CloudEvents
		}
		n.URL, n.Key = d.webhook("url", d.flag("allow_http")), connect.NewSecret(d.hidden("secret"))
		for _, t := range d.texts("events") {
			if !slices.Contains(types, t) {
				d.wrong("events", fmt.Sprintf("There is no event %q.%s docs/events.md lists all of them.", t, eval.DidYouMean(t, types)))
			}
			n.Events = append(n.Events, t)
		}
		if _, ok := s.attributes["secret"]; ok && n.Form == Slack {
			d.wrong("secret", "Slack checks no signature: its URL is the secret. Take the secret away, or write type = \"cloudevents\".")
		}
		out, diags = append(out, n), append(diags, d.diags...)
	}
	return out, diags
}

// webhook is an address that is a secret. One without TLS is taken only where nobody can listen, or where that is allowed.
func (d *decoder) webhook(name string, plain bool) connect.Secret {
	text := d.hidden(name)
	if text == "" {
		return connect.Secret{}
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		d.wrong(name, fmt.Sprintf("%q must be a URL that begins with https://.", name))
	case u.Scheme == "http" && !plain && !local(u.Hostname()):
		d.wrong(name, fmt.Sprintf("%q would send without encryption to another machine: use https://, or write allow_http = true.", name))
	default:
		d.hideParts(u)
	}
	return connect.NewSecret(text)
}

// hideParts masks also the parts of an address that are secrets alone, since a server can repeat them in its answer.
func (d *decoder) hideParts(u *url.URL) {
	const short = 12 // a shorter path, such as /events, is no secret, and masking it would garble other texts
	if password, ok := u.User.Password(); ok {
		d.config.secrets = append(d.config.secrets, password)
	}
	if len(u.Path) >= short {
		d.config.secrets = append(d.config.secrets, u.Path)
		d.config.secrets = append(d.config.secrets, longest(strings.Split(u.Path, "/"), short)...)
	}
	for _, values := range u.Query() {
		d.config.secrets = append(d.config.secrets, longest(values, short)...)
	}
}

func longest(texts []string, least int) (out []string) {
	for _, text := range texts {
		if len(text) >= least {
			out = append(out, text)
		}
	}
	return out
}

// local reports whether a host is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
