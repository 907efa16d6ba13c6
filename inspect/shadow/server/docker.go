package server

import (
	"context"
	"fmt"
)

// startDocker starts image, or the official image of the major version for "".
func startDocker(ctx context.Context, o Options, image string) (*Server, error) {
	if o.Docker == nil {
		return nil, &AbsentError{Reason: "this program was built without Docker"}
	}
	if err := onlyForBinaries(o); err != nil {
		return nil, err
	}
	if image == "" {
		major := o.Major
		if major == 0 {
			major = NewestMajor
		}
		image = fmt.Sprintf("postgres:%d", major)
	}
	o.progress("starting Docker image %s", image)
	return o.Docker(ctx, image)
}

// onlyForBinaries refuses the options that a server not started from binaries cannot honour.
func onlyForBinaries(o Options) error {
	if len(o.Settings) > 0 || o.Dir != "" || o.Port != 0 {
		return &AbsentError{Reason: "settings, a directory or a port can be chosen only for binaries started here (local or npm)"}
	}
	return nil
}
