// Package docker starts throw-away PostgreSQL servers as containers. It is the only importer of testcontainers-go and of
// the Docker client, so that everything else builds and tests without them.
//
// Entry point: [Start], which fits server.Options.Docker.
//
// Invariants:
//   - Without an engine that answers within half a second the error is a server.AbsentError: the provider is absent.
//   - An image that is present is used as it is; only a missing one is pulled.
//   - A container ends with the process that started it, even one that is killed, and takes its data with it.
//
// Decision: the container watches a connection to this process and ends with it (see lifeline), rather than being watched by
// testcontainers' reaper: the reaper is a second image to pull, which needs a network, and a privileged container. The
// reaper stays off unless TESTCONTAINERS_RYUK_DISABLED says otherwise.
package docker
