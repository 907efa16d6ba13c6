package textfile

import "github.com/prometheus/client_golang/prometheus"

// lastSuccess is the metric that outlives the run it is about.
const lastSuccess = "pleat_last_success_timestamp_seconds"

// description is what a metric means, and its labels beside database, environment and target.
type description struct {
	help   string
	labels []string
}

// described are all metrics.
var described = map[string]*description{
	"pleat_info":                       {"Version of pleat that ran last.", []string{"version"}},
	"pleat_run_success":                {"Whether the last run ended well.", nil},
	"pleat_run_timestamp_seconds":      {"When the last run ended.", nil},
	lastSuccess:                        {"When a run last ended well.", nil},
	"pleat_run_duration_seconds":       {"How long the last run took.", nil},
	"pleat_run_migrations":             {"Migrations of the last run, by what became of them.", []string{"outcome"}},
	"pleat_pending_migrations":         {"Migrations that the last run was to apply and did not.", nil},
	"pleat_held_migrations":            {"Contract files that the last run held.", nil},
	"pleat_run_lock_wait_seconds":      {"Time that steps of the last run lost while they did not get their locks.", nil},
	"pleat_run_retries":                {"Attempts of steps of the last run that did not get their locks.", nil},
	"pleat_drift_objects":              {"Objects that had changed outside of pleat when the last run began.", nil},
	"pleat_migration_duration_seconds": {"How long each migration of the last run took.", []string{"migration", "phase"}},
}

// collector gives the metrics of one run.
type collector struct {
	r           *Recorder
	lastSuccess float64
}

func (r *Recorder) collector(lastSuccess float64) prometheus.Collector {
	return &collector{r, lastSuccess}
}

// desc is a metric with the labels of this run.
func (c *collector) desc(name string) *prometheus.Desc {
	d := described[name]
	return prometheus.NewDesc(name, d.help, d.labels, c.r.labels)
}

// Describe lists the metrics; it implements [prometheus.Collector].
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for name := range described {
		to <- c.desc(name)
	}
}

// Collect gives the values; it implements [prometheus.Collector].
func (c *collector) Collect(to chan<- prometheus.Metric) {
	give := func(name string, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(c.desc(name), prometheus.GaugeValue, value, labels...)
	}
	r := c.r
	give("pleat_info", 1, r.version)
	give("pleat_run_success", truth(r.success))
	give("pleat_run_timestamp_seconds", seconds(r.end))
	if c.lastSuccess > 0 {
		give(lastSuccess, c.lastSuccess)
	}
	give("pleat_run_duration_seconds", r.end.Sub(r.begin).Seconds())
	give("pleat_run_migrations", float64(r.done), "applied")
	give("pleat_run_migrations", float64(r.undone), "rolled_back")
	give("pleat_run_migrations", truth(r.failed), "failed")
	if r.files >= 0 { // a run that could not begin does not know
		give("pleat_pending_migrations", float64(max(r.files-r.done, 0)))
		give("pleat_held_migrations", float64(r.held))
		give("pleat_drift_objects", float64(r.drift))
	}
	give("pleat_run_lock_wait_seconds", r.lockWait.Seconds())
	give("pleat_run_retries", float64(r.retries))
	seen := map[[2]string]bool{}
	for _, t := range r.took {
		key := [2]string{t.migration, t.phase}
		if !seen[key] {
			give("pleat_migration_duration_seconds", t.duration.Seconds(), t.migration, t.phase)
		}
		seen[key] = true
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
