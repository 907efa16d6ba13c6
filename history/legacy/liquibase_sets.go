package legacy

import (
	"slices"
	"strings"
)

// fromTree takes the parts of a changelog in XML, YAML or JSON.
func (c *changelogs) fromTree(rel string, root *node) (*changelog, error) {
	doc := &changelog{file: rel}
	logical := root.value("logicalFilePath")
	for _, n := range root.kids {
		switch n.name {
		case "changeSet":
			s, err := c.setOf(rel, logical, n)
			if err != nil {
				return nil, err
			}
			doc.steps = append(doc.steps, step{set: s})
		case "include":
			doc.steps = append(doc.steps, step{include: &inclusion{path: n.value("file"), logical: n.value("logicalFilePath"), relative: isTrue(n.value("relativeToChangelogFile"))}})
		case "includeAll":
			doc.steps = append(doc.steps, step{include: &inclusion{path: n.value("path"), ending: n.value("endsWithFilter"), relative: isTrue(n.value("relativeToChangelogFile")), all: true}})
			if n.value("filter") != "" {
				c.h.note(rel + " includes a directory through a filter of its own, which is a program: all of the directory was read")
			}
		case "property":
			doc.steps = append(doc.steps, step{property: &property{name: n.value("name"), value: n.value("value"), dbms: n.value("dbms"), file: rel, local: n.value("global") == "false"}})
		case "logicalFilePath": // a member of the list in YAML and JSON
			logical = n.text
		}
	}
	return doc, nil
}

// setOf reads a changeset.
func (c *changelogs) setOf(rel, logical string, n *node) (*changeSet, error) {
	s := &changeSet{id: n.value("id"), author: n.value("author"), file: rel, logical: logical, comment: strings.TrimSpace(n.value("comment")), dbms: n.value("dbms"),
		context: n.value("context") + n.value("contextFilter"), labels: n.value("labels"), onChange: isTrue(n.value("runOnChange")), always: isTrue(n.value("runAlways")),
		ignored: isTrue(n.value("ignore")), alone: strings.EqualFold(n.value("runInTransaction"), "false")}
	if own := n.value("logicalFilePath"); own != "" {
		s.logical = own
	}
	s.down = change{kind: "sql", text: n.attrs["rollback"], line: 1}
	if v := n.value("validCheckSum"); v != "" {
		s.valid = append(s.valid, v)
	}
	return s, c.partsOf(s, n.kids)
}

// partsOf takes the changes of a changeset, and what else it says.
func (c *changelogs) partsOf(s *changeSet, kids []*node) error {
	for _, k := range kids {
		switch k.name {
		case "changes":
			if err := c.partsOf(s, k.kids); err != nil {
				return err
			}
		case "comment":
		case "preConditions":
			s.guarded = true
		case "validCheckSum", "validCheckSums":
			s.valid = append(s.valid, strings.Fields(k.text)...)
			for _, inner := range k.kids {
				s.valid = append(s.valid, strings.Fields(inner.text)...)
			}
		case "modifySql":
			s.visitors = append(s.visitors, "modifySql")
		case "rollback":
			s.down = rollbackOf(k)
		default:
			ch, err := c.changeOf(s.file, k)
			if err != nil {
				return err
			}
			s.changes = append(s.changes, ch)
		}
	}
	return nil
}

// rollbackOf is the SQL of a rollback; none where it is made of other changes.
func rollbackOf(n *node) change {
	ch := change{kind: "sql", line: 1}
	if len(n.kids) == 0 {
		if text := n.text + n.attrs["sql"]; !noWayBack(text) && n.attrs["changeSetId"] == "" {
			ch.text, ch.end = text, n.attrs["endDelimiter"]
		}
		return ch
	}
	if slices.ContainsFunc(n.kids, func(k *node) bool { return k.name != "sql" }) {
		return ch
	}
	for _, k := range n.kids {
		ch.text += k.text + k.value("sql") + ";\n"
		ch.end = k.attrs["endDelimiter"]
	}
	return ch
}

// changeOf reads one change; only SQL is looked into.
func (c *changelogs) changeOf(file string, n *node) (change, error) {
	ch := change{kind: n.name, line: 1, end: n.attrs["endDelimiter"], split: truth(n.attrs["splitStatements"], ""), strip: truth(n.attrs["stripComments"], ""), dbms: n.attrs["dbms"]}
	switch n.name {
	case "sql":
		if ch.text = n.text; strings.TrimSpace(ch.text) == "" {
			ch.text = n.value("sql")
		}
	case "sqlFile":
		ch.path = c.locate(file, n.value("path"), isTrue(n.value("relativeToChangelogFile")))
		if ch.path == "" {
			ch.missing = n.value("path")
			return ch, nil
		}
		raw, err := c.d.Read(ch.path)
		if err != nil {
			return ch, err
		}
		ch.text = lfText(raw)
	}
	return ch, nil
}
