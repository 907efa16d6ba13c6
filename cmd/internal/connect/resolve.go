package connect

// Resolve is [ResolveDirect] without direct addresses on the command line and in pleat.hcl.
func Resolve(flagURL, envURL string, getenv func(string) string) (*Target, error) {
	return ResolveDirect("", flagURL, "", envURL, getenv)
}

// ResolveDirect finds where to connect by the command line's precedence: --url, the environment's url in pleat.hcl,
// PLEAT_URL, DATABASE_URL, and last libpq's own variables, service file and defaults. What the winner leaves open is
// filled in from libpq's variables, as libpq does. A direct address (--direct-url, direct_url, PLEAT_DIRECT_URL) takes the place of
// the URL beside it, which may be that of a pooler; it does not reach past a URL that stands higher.
func ResolveDirect(flagDirect, flagURL, envDirect, envURL string, getenv func(string) string) (*Target, error) {
	for _, candidate := range []struct{ url, source string }{
		{flagDirect, "--direct-url"}, {flagURL, "--url"}, {envDirect, "direct_url in pleat.hcl"}, {envURL, "url in pleat.hcl"},
		{getenv("PLEAT_DIRECT_URL"), "PLEAT_DIRECT_URL"}, {getenv("PLEAT_URL"), "PLEAT_URL"}, {getenv("DATABASE_URL"), "DATABASE_URL"},
	} {
		if candidate.url != "" {
			return parse(candidate.url, candidate.source, getenv)
		}
	}
	return parse("", "libpq's environment", getenv)
}
