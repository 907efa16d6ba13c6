package view

import "time"

// Lock is the result of lock status.
type Lock struct {
	Head
	Database string `json:"database,omitempty"`
	Held     bool   `json:"held"`
	// Form is "session" (an advisory lock, which ends with its session) or "lease" (a row with a heartbeat, where advisory locks cannot be trusted).
	Form string `json:"form,omitempty"`
	// Holders are the sessions that hold the lock of this scope; there is one at most where the server's locks can be trusted.
	Holders []Holder `json:"holders"`
	// Queue are the runs that wait for the lock, oldest session first. None can be seen where advisory locks cannot be trusted.
	Queue []Holder `json:"queue"`
	// Last is who held the lock last; absent where nobody ever did, where the holder has a label of its own, or where it may not be seen.
	Last *LockLabel `json:"last,omitempty"`
}

// Holder is a session that holds the lock or waits for it.
type Holder struct {
	// PID is that of the server's process.
	PID         int        `json:"pid"`
	User        string     `json:"user"`
	Application string     `json:"application"`
	Client      string     `json:"client,omitempty"`
	Since       *time.Time `json:"since,omitempty"`
	// Label says what is run; absent in the first run of all, before the run has begun, and where it may not be seen.
	Label *LockLabel `json:"label,omitempty"`
}

// LockLabel is what a run writes about itself into pleat.lock.
type LockLabel struct {
	ID        string `json:"id"`
	Form      string `json:"form"`
	Run       string `json:"run"`
	Operation string `json:"operation"`
	// Who is user@host; PID is that of the process there.
	Who  string `json:"who"`
	Host string `json:"host,omitempty"`
	PID  int    `json:"pid,omitempty"`
	// Tool is the version of pleat.
	Tool  string   `json:"tool,omitempty"`
	Scope []string `json:"scope,omitempty"`
	// Token grows with each holder; a run whose token is not the newest can commit nothing.
	Token            int64     `json:"token"`
	Since            time.Time `json:"since"`
	Heartbeat        time.Time `json:"heartbeat"`
	HeartbeatSeconds float64   `json:"heartbeat_seconds"`
	// ExpiresSeconds is how long a lease still counts, by the server's clock; Stale is set when it is over and nobody took it since.
	ExpiresSeconds float64 `json:"expires_seconds,omitempty"`
	Stale          bool    `json:"stale,omitempty"`
}

// LockRelease is the result of lock release.
type LockRelease struct {
	Head
	Database string    `json:"database,omitempty"`
	Released LockLabel `json:"released"`
}
