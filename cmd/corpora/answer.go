package main

import (
	"encoding/json"
	"strings"
)

// answer is what one run of pleat left behind.
type answer struct {
	exit           int
	stdout, stderr string
	timedOut       bool
}

// fault is the error that pleat reported in JSON.
type fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Object  string `json:"object"`
}

// fault reads the error of pleat's JSON; ok is false where there is none, and the text of stderr then stands for it.
func (a answer) fault() (f fault, ok bool) {
	var document struct {
		Error *fault `json:"error"`
	}
	if json.Unmarshal([]byte(a.stdout), &document) == nil && document.Error != nil {
		return *document.Error, true
	}
	return fault{Message: strings.TrimSpace(a.stderr)}, false
}

// unmanaged are the objects that pleat said it does not touch, in JSON or in lines of stderr.
func (a answer) unmanaged() []string {
	var document struct {
		Unmanaged []string `json:"unmanaged"`
	}
	// What is no JSON object of this form lists nothing there.
	_ = json.Unmarshal([]byte(a.stdout), &document)
	found := document.Unmanaged
	for line := range strings.Lines(a.stderr) {
		if entry, ok := strings.CutPrefix(strings.TrimSpace(line), "unmanaged: "); ok {
			found = append(found, entry)
		}
	}
	return found
}

// destroyed are the objects that a plan said it destroys, as IDs such as "table public.t" or "column public.t.c". Any JSON
// object marked destructive counts, wherever in the document it stands.
func (a answer) destroyed() []string {
	var document any
	if json.Unmarshal([]byte(a.stdout), &document) != nil {
		return nil
	}
	var found []string
	visitJSON(document, func(object map[string]any) {
		marked := object["destructive"] == true
		for _, key := range []string{"risk", "kind", "class", "level", "code", "hazard"} {
			marked = marked || object[key] == "destructive"
		}
		for _, key := range []string{"object", "id"} {
			if id, ok := object[key].(string); ok && marked {
				found = append(found, id)
			}
		}
		for _, key := range []string{"loses", "destroys", "destructive"} {
			list, _ := object[key].([]any)
			for _, item := range list {
				if id, ok := item.(string); ok {
					found = append(found, id)
				}
			}
		}
	})
	return found
}

func visitJSON(value any, visit func(map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
		visit(value)
		for _, inner := range value {
			visitJSON(inner, visit)
		}
	case []any:
		for _, inner := range value {
			visitJSON(inner, visit)
		}
	}
}
