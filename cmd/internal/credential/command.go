package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// Command is a program that prints a login. It is started without a shell.
type Command struct {
	// Argv is the program and its arguments.
	Argv []string
	// Timeout is how long it may take; 0 means 30 seconds.
	Timeout time.Duration
	// Text says that its whole output is the password, as clouds' own tools print a token. Else the output is JSON.
	Text bool
}

type command struct {
	Command
	o Options

	mu     sync.Mutex
	kept   *connect.Login
	renew  time.Time // when kept is too old; zero: never
	refuse bool      // the server refused what is kept
}

func newCommand(c Command, o Options) (*command, error) {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return nil, errors.New("the command of the credentials is empty")
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	return &command{Command: c, o: o}, nil
}

// Login gives what the command printed while that is good, and runs it again after.
func (c *command) Login(ctx context.Context) (connect.Login, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept != nil && !c.refuse && (c.renew.IsZero() || time.Now().Before(c.renew)) {
		return *c.kept, nil
	}
	stdout, err := c.run(ctx)
	if err != nil {
		return connect.Login{}, err
	}
	if c.Text {
		// Nobody says how long it is good, so it is asked for each time.
		return c.login("", strings.TrimSpace(string(stdout)), "")
	}
	answer, err := c.read(stdout)
	if err != nil {
		return connect.Login{}, err
	}
	login, err := c.login(answer.Username, answer.Password, answer.URL)
	if err != nil {
		return connect.Login{}, err
	}
	c.kept, c.refuse, c.renew = &login, false, time.Time{}
	if end := answer.end(); !end.IsZero() {
		left := time.Until(end)
		if left <= 0 {
			c.kept = nil
			return connect.Login{}, fmt.Errorf("the command %s gave credentials that ended at %s (is the clock right?)", c.Argv[0], end.UTC().Format(time.RFC3339))
		}
		c.renew = end.Add(-min(time.Minute, left/5)) // a connection takes its time too
	}
	return login, nil
}

// Forget makes the next login run the command.
func (c *command) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = true
}

// Close does nothing.
func (c *command) Close(context.Context) {}

// login is what the command said.
func (c *command) login(user, password, url string) (connect.Login, error) {
	if password == "" && url == "" {
		return connect.Login{}, fmt.Errorf("the command %s printed no password", c.Argv[0])
	}
	return connect.Login{
		User: user, Password: connect.NewSecret(password), URL: connect.NewSecret(url), Temporary: user != "",
	}, nil
}

// run runs the command. What it wrote is not in the error, except for the masked beginning of its standard error.
func (c *command) run(ctx context.Context) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, c.Argv[0], c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.o.Dir, c.o.Environ
	cmd.WaitDelay = 2 * time.Second // a child of it may hold the pipes open
	stdout, stderr := &limitedBuffer{most: 1 << 20}, &limitedBuffer{most: 64 << 10}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	c.hideAll(stdout.kept)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("the command %s did not end within %s%s", c.Argv[0], c.Timeout, c.complaint(string(stderr.kept)))
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("the command %s is not found in PATH", c.Argv[0])
	case err != nil:
		return nil, fmt.Errorf("the command %s failed: %w%s", c.Argv[0], err, c.complaint(string(stderr.kept)))
	case stdout.over:
		return nil, fmt.Errorf("the command %s printed more than %d bytes", c.Argv[0], stdout.most)
	}
	return stdout.kept, nil
}

// hideAll masks whatever stands in an output, also one that nobody can read: each text of its JSON, or all of it.
func (c *command) hideAll(stdout []byte) {
	var value map[string]any
	if c.Text || json.Unmarshal(stdout, &value) != nil {
		for line := range strings.Lines(string(stdout)) {
			c.o.Hide(strings.TrimSpace(line))
		}
		return
	}
	for key, v := range value {
		text, ok := v.(string)
		if ok && !strings.EqualFold(key, "username") && !strings.EqualFold(key, "expires_at") && !strings.EqualFold(key, "expiration") {
			c.o.Hide(text, connect.PasswordOf(text))
		}
	}
}

// complaint is the beginning of what a command wrote to standard error.
func (c *command) complaint(stderr string) string {
	const most = 500
	stderr = strings.TrimSpace(connect.MaskText(stderr))
	if stderr == "" {
		return ""
	}
	if len(stderr) > most {
		stderr = stderr[:most] + " …"
	}
	return ": " + strings.Join(strings.Fields(stderr), " ")
}

// answer is the JSON of a command. Version is that of the form; only 1 is known.
type answer struct {
	Version    *json.Number `json:"version"`
	Username   string       `json:"username"`
	Password   string       `json:"password"`
	URL        string       `json:"url"`
	ExpiresAt  *time.Time   `json:"expires_at"`
	Expiration *time.Time   `json:"expiration"` // the word of AWS' credential_process
}

func (a *answer) end() time.Time {
	for _, t := range []*time.Time{a.ExpiresAt, a.Expiration} {
		if t != nil {
			return *t
		}
	}
	return time.Time{}
}

// read reads the JSON. The decoder's own errors can quote what they read, so none of them is passed on.
func (c *command) read(stdout []byte) (*answer, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(stdout, &keys); err != nil {
		return nil, fmt.Errorf("the command %s did not print a JSON object ({\"username\": …, \"password\": …, \"expires_at\": …}; format = \"text\" takes all of the output as the password)", c.Argv[0])
	}
	for key := range keys {
		switch strings.ToLower(key) {
		case "version", "username", "password", "url", "expires_at", "expiration":
		default:
			return nil, fmt.Errorf("the JSON of the command %s has a key %q; known are version, username, password, url and expires_at", c.Argv[0], key)
		}
	}
	var a answer
	if err := json.Unmarshal(stdout, &a); err != nil {
		var kind *json.UnmarshalTypeError
		field := "expires_at, which must be a time such as 2026-01-02T15:04:05Z"
		if errors.As(err, &kind) && kind.Field != "" {
			field = kind.Field
		}
		return nil, fmt.Errorf("the JSON of the command %s has a wrong value for %s", c.Argv[0], field)
	}
	if a.Version != nil && a.Version.String() != "1" {
		return nil, fmt.Errorf("the JSON of the command %s has version %s; pleat knows 1", c.Argv[0], a.Version)
	}
	return &a, nil
}

// limitedBuffer keeps the beginning of what is written to it.
type limitedBuffer struct {
	kept []byte
	most int
	over bool
}

// Write never fails, so that a program that talks on is not killed by a closed pipe.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	room := b.most - len(b.kept)
	b.over = b.over || len(p) > room
	b.kept = append(b.kept, p[:min(len(p), room)]...)
	return len(p), nil
}
