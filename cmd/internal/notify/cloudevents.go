package notify

import (
	"encoding/json"
	"fmt"
	"net/url"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/history"
)

// typePrefix stands before the type of an event, as CloudEvents wants types that belong to a domain.
const typePrefix = "com.github.pleatdb.pleat."

// cloudEvent is an event in the structured JSON form of CloudEvents 1.0. Its id stays the same over all attempts.
func cloudEvent(e event.Event) ([]byte, error) {
	c := cloudevents.New(cloudevents.CloudEventsVersionV1)
	c.SetID(history.NewRunID(e.Time))
	c.SetType(typePrefix + e.Type)
	c.SetSource(source(e))
	c.SetTime(e.Time)
	if e.Run != "" {
		c.SetSubject(e.Run)
	}
	if err := c.SetData(cloudevents.ApplicationJSON, e); err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	return body, nil
}

// source names where events come from: /pleat/ENVIRONMENT/DATABASE/TARGET, without those that are not named.
func source(e event.Event) string {
	out := "/pleat"
	for _, part := range []string{e.Environment, e.Database, e.Target} {
		if part != "" {
			out += "/" + url.PathEscape(part)
		}
	}
	return out
}
