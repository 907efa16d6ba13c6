package textfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pleatdb/pleat/cmd/internal/event"
)

// Recorder collects what the metrics say from the events of one command.
type Recorder struct {
	path    string
	labels  prometheus.Labels
	version string
	begin   time.Time

	ended, success bool
	end            time.Time
	done, undone   int
	failed         bool
	files          int // of run.started; -1 before
	held, drift    int
	retries        int
	lockWait       time.Duration
	took           []took
}

// took is how long a migration ran.
type took struct {
	migration, phase string
	duration         time.Duration
}

// New collects for a file. database, environment and target are the labels that all metrics have.
func New(path, database, environment, target, version string, begin time.Time) *Recorder {
	labels := prometheus.Labels{"database": database, "environment": environment, "target": target}
	return &Recorder{path: path, labels: labels, version: version, begin: begin, files: -1}
}

// Tell notes what an event says.
func (r *Recorder) Tell(e event.Event) {
	switch e.Type {
	case event.TypeRunStarted:
		if len(e.Objects) > 0 || r.files < 0 {
			r.files = len(e.Objects)
		}
	case event.TypeMigrationDone:
		r.migrationDone(e)
	case event.TypeStepRetried:
		r.retries++
	case event.TypeStepDone:
		r.lockWait += time.Duration(e.LockWaitMS) * time.Millisecond
	case event.TypeDriftSeen:
		r.drift = len(e.Objects)
	case event.TypeRunFinished, event.TypeRunIdle:
		r.ended, r.success, r.end = true, true, e.Time
		if r.files < 0 {
			r.files = 0
		}
		if e.Result != nil {
			r.held = len(e.Result.Held)
		}
	case event.TypeRunFailed:
		r.ended, r.success, r.end, r.failed = true, false, e.Time, e.Migration != nil
	}
}

func (r *Recorder) migrationDone(e event.Event) {
	if e.Back {
		r.undone++
		return
	}
	r.done++
	if e.Migration != nil {
		r.took = append(r.took, took{e.Migration.Version + "_" + e.Migration.Name, e.Migration.Phase, time.Duration(e.Milliseconds) * time.Millisecond})
	}
}

// Write replaces the file. It does nothing where no run ended.
func (r *Recorder) Write() error {
	if !r.ended {
		return nil
	}
	unlock, err := lock(r.path + ".lock")
	if err != nil {
		return fmt.Errorf("lock the metrics: %w", err)
	}
	defer unlock()
	before, err := r.read()
	if err != nil {
		return fmt.Errorf("read the metrics that are there: %w", err)
	}
	own := prometheus.NewRegistry()
	if err := own.Register(r.collector(r.lastSuccess(before))); err != nil {
		return fmt.Errorf("make the metrics: %w", err)
	}
	others := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return r.others(before), nil })
	if err := prometheus.WriteToTextfile(r.path, prometheus.Gatherers{own, others}); err != nil {
		return fmt.Errorf("write the metrics: %w", err)
	}
	return nil
}

// read gives the families that the file holds now; none where it is not there.
func (r *Recorder) read() (map[string]*dto.MetricFamily, error) {
	f, err := os.Open(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(f)
	if err != nil {
		return nil, err
	}
	for name := range families {
		if !strings.HasPrefix(name, "pleat_") {
			return nil, fmt.Errorf("%s holds the metric %s, which is not pleat's: name a file that nobody else writes", r.path, name)
		}
	}
	return families, nil
}

// mine reports whether a metric is about the same database, environment and target.
func (r *Recorder) mine(m *dto.Metric) bool {
	labels := map[string]string{}
	for _, l := range m.GetLabel() {
		labels[l.GetName()] = l.GetValue()
	}
	for name, value := range r.labels {
		if labels[name] != value {
			return false
		}
	}
	return true
}

// others are the metrics of other databases, environments and targets.
func (r *Recorder) others(before map[string]*dto.MetricFamily) (out []*dto.MetricFamily) {
	for name, family := range before {
		d, ok := described[name]
		if !ok {
			continue // of another pleat, with another meaning perhaps
		}
		kind := dto.MetricType_GAUGE
		kept := &dto.MetricFamily{Name: &name, Help: &d.help, Type: &kind}
		for _, m := range family.GetMetric() {
			if !r.mine(m) {
				kept.Metric = append(kept.Metric, m)
			}
		}
		if len(kept.Metric) > 0 {
			out = append(out, kept)
		}
	}
	return out
}

// lastSuccess is when a run last ended well; 0 where that is not known.
func (r *Recorder) lastSuccess(before map[string]*dto.MetricFamily) float64 {
	if r.success {
		return seconds(r.end)
	}
	for _, m := range before[lastSuccess].GetMetric() {
		if r.mine(m) {
			return m.GetGauge().GetValue()
		}
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
