package main

import (
	"time"

	"github.com/spf13/pflag"
)

// shared are the flags of every command. An empty one leaves the matter to pleat.hcl.
type shared struct {
	config, env, url   string
	schema, migrations string
	scope              []string
	shadow             string
	json               bool
	jsonInto           string
	noColor            bool
	autoApprove        bool
	lockTimeout        time.Duration
	vars, varFiles     []string
}

func (o *shared) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.config, "config", "", "project file (default pleat.hcl, if it is there)")
	fs.StringVar(&o.env, "env", "", "environment of the project file")
	fs.StringVar(&o.url, "url", "", "database; else the environment's, PLEAT_URL, DATABASE_URL, libpq's variables")
	fs.StringVar(&o.schema, "schema", "", "HCL file or directory of the desired state (default schema)")
	fs.StringVar(&o.migrations, "migrations", "", "directory of migration files (default migrations)")
	fs.StringSliceVar(&o.scope, "scope", nil, "PostgreSQL schemas to look at (default all but the system's and pleat's own)")
	fs.StringVar(&o.shadow, "shadow", "", "throw-away server: local, npm, docker, docker://IMAGE or a postgres:// URL (default: what is found first)")
	fs.BoolVar(&o.json, "json", false, "print one JSON object in the place of text")
	fs.StringVar(&o.jsonInto, "json-into", "", "write the JSON object into a file beside the text")
	fs.BoolVar(&o.noColor, "no-color", false, "no colour (also NO_COLOR)")
	fs.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	fs.DurationVar(&o.lockTimeout, "lock-timeout", 0, "longest attempt of a step to get its locks, such as 2s")
	fs.StringArrayVar(&o.vars, "var", nil, "value of a variable, name=value; may be repeated")
	fs.StringArrayVar(&o.varFiles, "var-file", nil, "file with values of variables; may be repeated")
}
