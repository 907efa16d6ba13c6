package connect

// Resolve finds where to connect by the command line's precedence: --url, the environment's url in pleat.hcl,
// PLEAT_URL, DATABASE_URL, and last libpq's own variables, service file and defaults. What the winner leaves open is
// filled in from libpq's variables, as libpq does.
func Resolve(flagURL, envURL string, getenv func(string) string) (*Target, error) {
	for _, candidate := range []struct{ url, source string }{
		{flagURL, "--url"}, {envURL, "url in pleat.hcl"}, {getenv("PLEAT_URL"), "PLEAT_URL"}, {getenv("DATABASE_URL"), "DATABASE_URL"},
	} {
		if candidate.url != "" {
			return parse(candidate.url, candidate.source, getenv)
		}
	}
	return parse("", "libpq's environment", getenv)
}
