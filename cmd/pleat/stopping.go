package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
)

// stopOptions are the flags about how a run that is asked to stop does so.
type stopOptions struct{ grace time.Duration }

func (o *stopOptions) addFlags(fs *pflag.FlagSet) {
	fs.DurationVar(&o.grace, "grace", 0, "how long a run may take to stop after a signal (default 20s): a quarter of it for the running statement to end, then it is cancelled")
}

// stops tells package apply how to stop.
func (p *project) stops(o *stopOptions, options *apply.Options) {
	options.Grace, options.Abort = o.grace, p.app.abort
	if options.Grace == 0 && p.env.Grace != nil {
		options.Grace = *p.env.Grace
	}
	p.grace = options.Grace
}

// patience is how long a process that was interrupted waits for the server to hear of it: the last fifth of the grace period is for that.
func (p *project) patience() time.Duration {
	if p.grace == 0 {
		return 4 * time.Second
	}
	return min(p.grace/5, 5*time.Second)
}

// lastMoment is how long a process that gets a second signal has to close its connections.
const lastMoment = time.Second

// stopper makes signals what a process is told by: the first asks it to stop, the second to stop at once.
type stopper struct {
	ctx   context.Context
	abort chan struct{}
	by    syscall.Signal // the second; set before abort is closed
}

// onSignals begins to listen. SIGHUP counts unless the process was started to outlive its terminal (nohup).
func onSignals() *stopper {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stopper{ctx: ctx, abort: make(chan struct{})}
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	came := make(chan os.Signal, 2)
	signal.Notify(came, signals...)
	go func() {
		<-came
		cancel()
		second := <-came
		s.by, _ = second.(syscall.Signal)
		close(s.abort)
		signal.Reset(signals...)
		time.Sleep(lastMoment)
		end(second)
	}()
	return s
}

// code is the exit code of a process that ended with this one: that of the second signal where there was one, as a shell counts it.
func (s *stopper) code(otherwise int) int {
	select {
	case <-s.abort:
		return 128 + int(s.by)
	default:
		return otherwise
	}
}

// end ends the process by the signal, as if nobody had listened.
func end(by os.Signal) {
	self, err := os.FindProcess(os.Getpid())
	if err == nil && self.Signal(by) != nil {
		_ = self.Kill() // a system that has no signals
	}
}
