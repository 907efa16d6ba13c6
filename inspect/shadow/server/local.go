package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// startLocal starts binaries that are installed on this machine.
func startLocal(ctx context.Context, o Options) (*Server, error) {
	installed := Installed(ctx)
	for _, in := range installed {
		if o.Major == 0 || in.Major == o.Major {
			return launch(ctx, in, o)
		}
	}
	return nil, absentLocally(o.Major, installed)
}

// absentLocally says which majors were found instead of the one asked for.
func absentLocally(major int, installed []Installation) *AbsentError {
	if len(installed) == 0 {
		return &AbsentError{Reason: "no server binaries (postgres and initdb) in PLEAT_POSTGRES_BIN, PATH or the usual places"}
	}
	e := &AbsentError{}
	var places []string
	for _, in := range installed {
		if !slices.Contains(e.Majors, in.Major) {
			e.Majors = append(e.Majors, in.Major)
		}
		places = append(places, fmt.Sprintf("%d (%s)", in.Major, in.Bin))
	}
	e.Reason = fmt.Sprintf("no binaries of major version %d; found %s", major, strings.Join(places, ", "))
	return e
}
