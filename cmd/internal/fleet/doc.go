// Package fleet runs one command over many targets: databases, or schemas of databases, that shall all look the same.
//
// It owns the list of targets and where it comes from, the order in which they are worked on (canary, pause, the rest), the bounds (in
// parallel, per host, how many may fail), the division among workers, the ledger from which a run goes on, and the report. It may import
// pgx, cmd/internal/connect (for Secret), and the library's types of JUnit. What is done with one target is given as a function: this
// package knows neither the applier nor the view. Entry points: [Load] and [Query] for rows, [Resolve] for targets, [Shard], [Run], and
// [OpenLedger].
//
// Invariants:
//   - A target's name is unique, and no two targets are the same place, so that nothing is worked on twice at once.
//   - What a file or a query says is data: it reaches no shell, no HCL, and no SQL; a connection string from there is taken only with
//     keys that name no file of this machine, and without the passwords of this machine.
//   - The truth about a target is the log in its database. The ledger is a memory of one run, and may be lost.
//   - After a stop nothing more is started; what runs is left to end by itself.
//
// Decisions:
//   - Goroutines in one process. Rejected: one process for each target, which would need every flag and secret handed down, and masks
//     secrets only in its own output.
//   - A shard is the SHA-256 of the name modulo the number of shards: the same on every machine, and nobody has to talk to anybody.
//     Rejected: dividing the sorted list into equal parts, where a new target moves others to another worker in the middle of a rollout.
//   - With shards, canaries belong to shard 0; the others wait until the logs of the canaries say that nothing is pending there. Rejected:
//     a canary for each shard, which would make as many canaries as there are workers.
//   - Shards count from 0, as JOB_COMPLETION_INDEX of Kubernetes does.
package fleet
