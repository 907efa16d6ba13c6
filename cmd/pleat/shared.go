package main

import (
	"time"

	"github.com/spf13/pflag"
)

// shared are the flags of every command. An empty one leaves the matter to pleat.hcl.
type shared struct {
	config, env, url   string
	directURL          string
	schema, migrations string
	scope              []string
	shadow             string
	json               bool
	jsonInto           string
	noColor            bool
	logFormat, logFile string
	autoApprove        bool
	allowExec          bool
	lockTimeout        time.Duration
	vars, varFiles     []string
	targets            []string
}

func (o *shared) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.config, "config", "", "project file (default pleat.hcl, if it is there)")
	fs.StringVar(&o.env, "env", "", "environment of the project file")
	fs.StringVar(&o.url, "url", "", "database; else the environment's, PLEAT_URL, DATABASE_URL, libpq's variables")
	fs.StringVar(&o.directURL, "direct-url", "", "the database without its connection pooler, in the place of the url; else direct_url, PLEAT_DIRECT_URL")
	fs.StringVar(&o.schema, "schema", "", "HCL file or directory of the desired state (default schema)")
	fs.StringVar(&o.migrations, "migrations", "", "directory of migration files (default migrations)")
	fs.StringSliceVar(&o.scope, "scope", nil, "PostgreSQL schemas to look at (default all but the system's and pleat's own)")
	fs.StringVar(&o.shadow, "shadow", "", "throw-away server: local, npm, docker, docker://IMAGE or a postgres:// URL (default: what is found first)")
	fs.BoolVar(&o.json, "json", false, "print one JSON object in the place of text")
	fs.StringVar(&o.jsonInto, "json-into", "", "write the JSON object into a file beside the text")
	fs.StringVar(&o.logFormat, "log-format", "", "what standard error gets: text, or json for one line of JSON for each event")
	fs.StringVar(&o.logFile, "log-file", "", "file to which each event is added as a line of JSON")
	fs.BoolVar(&o.noColor, "no-color", false, "no colour (also NO_COLOR)")
	fs.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	fs.BoolVar(&o.allowExec, "allow-exec", false, "let the project file run commands in a pipeline too (where CI is set)")
	fs.StringArrayVar(&o.targets, "target", nil, "target of an environment that has many, by name or pattern; may be repeated")
	fs.DurationVar(&o.lockTimeout, "lock-timeout", 0, "longest attempt of a step to get its locks, such as 2s")
	fs.StringArrayVar(&o.vars, "var", nil, "value of a variable, name=value; may be repeated")
	fs.StringArrayVar(&o.varFiles, "var-file", nil, "file with values of variables; may be repeated")
}
