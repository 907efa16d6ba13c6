package fleet

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// WriteJUnit writes the report as JUnit XML, one test case for each target. clean makes a text fit for XML and free of secrets.
func WriteJUnit(w io.Writer, head Head, r *Report, clean func(string) string) error {
	suite := junit.Testsuite{Name: clean("pleat " + head.Command + " " + head.Env)}
	suite.SetTimestamp(head.At)
	var total time.Duration
	for _, o := range r.Outcomes {
		total += o.Took
		c := junit.Testcase{Name: clean(o.Target.Name), Classname: clean("pleat." + head.Command + "." + head.Env), Time: seconds(o.Took)}
		message := clean(firstOf(o.Message, string(o.State)))
		switch o.State {
		case Failed, Interrupted:
			c.Error = &junit.Result{Message: message, Type: firstOf(o.Code, string(o.State)), Data: cdata(message)}
		case Differs:
			c.Failure = &junit.Result{Message: message, Type: string(o.State), Data: cdata(message)}
		case NotStarted:
			c.Skipped = &junit.Result{Message: clean(firstOf(r.Stopped, "not started"))}
		}
		suite.AddTestcase(c)
	}
	suite.Time = seconds(total)
	suites := junit.Testsuites{Name: suite.Name, Time: suite.Time}
	suites.AddSuite(suite)
	if err := suites.WriteXML(w); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// cdata divides what would end a CDATA section.
func cdata(text string) string { return strings.ReplaceAll(text, "]]>", "]] >") }
