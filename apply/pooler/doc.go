// Package pooler finds out whether a connection pooler stands between a connection and its server, and whether it keeps a session of the
// server for the connection. It imports pgx and knows nothing of runs: both the one who connects and the one who applies ask it.
//
// Everything is sent by the simple protocol: one message, which no pooler divides.
package pooler
