package cost

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// text says the cost in a few words. tables is on how many tables there is work.
func (c *Cost) text(tables int, sizes map[schema.ID]Size) string {
	if tables == 0 {
		return "instant"
	}
	out := About(c.Duration)
	if c.Unknown {
		out = "unknown time"
		if c.Duration > 0 {
			out = "more than " + rounded(c.Duration)
		}
	}
	if c.Lock > planner.NoLock {
		out += " under " + c.Lock.String()
	}
	out += " on " + c.On.Path()
	size, known := sizes[c.On]
	if !known {
		out += " (size unknown)"
	} else {
		out += " (" + Bytes(size.Bytes) + ")"
	}
	switch {
	case tables == 2:
		out += " and another table"
	case tables > 2:
		out += fmt.Sprintf(" and %d other tables", tables-1)
	}
	return out
}

// About says a duration as an estimate: "less than 1 s", "about 4 min".
func About(d time.Duration) string {
	if d < time.Second {
		return "less than 1 s"
	}
	return "about " + rounded(d)
}

// rounded is exact enough for an estimate.
func rounded(d time.Duration) string {
	switch minutes := int(d.Round(time.Minute).Minutes()); {
	case d < 100*time.Second:
		return fmt.Sprintf("%d s", max(1, int(d.Round(time.Second).Seconds())))
	case minutes < 100:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 10*60 && (minutes+5)%60 >= 10:
		return fmt.Sprintf("%d h %d min", (minutes+5)/60, (minutes+5)%60/10*10)
	default:
		return fmt.Sprintf("%d h", (minutes+30)/60)
	}
}

// Bytes says a size in decimal units, with two digits at least: "38 GB", "1.2 MB".
func Bytes(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	value, unit := float64(n), 0
	for value >= 999.5 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	digits := 0
	if value < 9.95 && unit > 0 {
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + units[unit]
}
