package examples_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

// documents are those of a YAML file.
func documents(t *testing.T, path string) (out []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc map[string]any
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, doc)
	}
}

// at walks down maps by keys.
func at(value any, keys ...string) any {
	for _, key := range keys {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

// pods are the specs of all pods that a manifest describes, with the spec of the Job around each, or nil.
func pods(doc map[string]any) (pod, job map[string]any) {
	job, _ = at(doc, "spec").(map[string]any)
	if inner, ok := at(doc, "spec", "jobTemplate", "spec").(map[string]any); ok {
		job = inner
	}
	pod, _ = at(job, "template", "spec").(map[string]any)
	if doc["kind"] == "Deployment" {
		job = nil
	}
	return pod, job
}

// TestManifests runs the command lines of the manifests in their order of use, on a database, with the project of the image.
func TestManifests(t *testing.T) {
	program, url := pleat(t), pgtest.URL(t)
	project := t.TempDir()
	if err := os.CopyFS(project, os.DirFS("kubernetes/project")); err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, url, "CREATE SCHEMA registry; CREATE TABLE registry.tenants AS SELECT 'tenant_' || i AS name FROM generate_series(1, 8) i")
	files, err := filepath.Glob("kubernetes/*.yaml")
	if err != nil || len(files) < 6 {
		t.Fatalf("%v, %v", files, err)
	}
	first := []string{"kubernetes/job.yaml"}
	commands := 0
	for _, file := range append(first, slices.DeleteFunc(files, func(f string) bool { return f == first[0] })...) {
		for _, doc := range documents(t, file) {
			if doc["apiVersion"] == nil || doc["kind"] == nil || at(doc, "metadata") == nil {
				t.Errorf("%s: a document is no manifest", file)
			}
			pod, job := pods(doc)
			for _, c := range containers(pod) {
				if len(c.command) == 0 || c.command[0] != "pleat" {
					continue
				}
				commands++
				careful(t, file, pod, job, c)
				workers := 1
				if n, ok := at(job, "completions").(int); ok {
					workers = n
				}
				results := make(chan error)
				for i := range workers {
					args := slices.Clone(c.command[1:])
					for k := range args {
						args[k] = strings.ReplaceAll(args[k], "$(JOB_COMPLETION_INDEX)", fmt.Sprint(i))
					}
					go func() { results <- runs(t, program, project, url, args) }()
				}
				for range workers {
					if err := <-results; err != nil {
						t.Errorf("%s: %v", file, err)
					}
				}
			}
		}
	}
	if commands < 7 {
		t.Errorf("the manifests run pleat %d times", commands)
	}
	pgtest.Exec(t, url, `DO $$BEGIN ASSERT (SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = 'members') = 8; END$$`)
}

type container struct {
	command []string
	spec    map[string]any
}

func containers(pod map[string]any) (out []container) {
	for _, key := range []string{"initContainers", "containers"} {
		list, _ := pod[key].([]any)
		for _, element := range list {
			spec, _ := element.(map[string]any)
			c := container{spec: spec}
			words, _ := spec["command"].([]any)
			for _, w := range words {
				c.command = append(c.command, fmt.Sprint(w))
			}
			out = append(out, c)
		}
	}
	return out
}

// careful checks what every container that runs pleat has.
func careful(t *testing.T, file string, pod, job map[string]any, c container) {
	t.Helper()
	want := func(what string, ok bool) {
		if !ok {
			t.Errorf("%s: %v lacks %s", file, c.command, what)
		}
	}
	want("runAsNonRoot", at(pod, "securityContext", "runAsNonRoot") == true)
	want("readOnlyRootFilesystem", at(c.spec, "securityContext", "readOnlyRootFilesystem") == true)
	want("a memory limit", at(c.spec, "resources", "limits", "memory") != nil)
	if job != nil {
		want("activeDeadlineSeconds", job["activeDeadlineSeconds"] != nil)
	}
	if i := slices.Index(c.command, "--grace"); i >= 0 {
		grace, err := time.ParseDuration(c.command[i+1])
		seconds, _ := pod["terminationGracePeriodSeconds"].(int)
		want("a terminationGracePeriodSeconds longer than --grace", err == nil && grace < time.Duration(seconds)*time.Second)
	}
	env, _ := c.spec["env"].([]any)
	for _, e := range env {
		if at(e, "name") == "PLEAT_URL" {
			want("the URL from a Secret", at(e, "valueFrom", "secretKeyRef") != nil)
		}
	}
}

// runs runs pleat in the project and wants the exit code 0.
func runs(t *testing.T, program, dir, url string, args []string) error {
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PLEAT_URL="+url)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pleat %s: %w:\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// TestPipelines runs the lines of the pipelines that call pleat, in a repository of their own: the checks, then what runs after the merge, then
// what runs at night.
func TestPipelines(t *testing.T) {
	program := pleat(t)
	for file, lines := range map[string][]string{"ci/github.yml": githubLines(t, "ci/github.yml"), "ci/gitlab-ci.yml": gitlabLines(t, "ci/gitlab-ci.yml")} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if len(lines) < 8 {
				t.Fatalf("found only %d lines: %q", len(lines), lines)
			}
			url, project := pgtest.URL(t), t.TempDir()
			if err := os.CopyFS(project, os.DirFS("kubernetes/project")); err != nil {
				t.Fatal(err)
			}
			pgtest.Exec(t, url, "CREATE SCHEMA registry; CREATE TABLE registry.tenants AS SELECT 'tenant_' || i AS name FROM generate_series(1, 4) i")
			script := "set -e\nexport GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b\n" +
				"git init -q -b main .\ngit add .\ngit commit -q -m first\ngit update-ref refs/remotes/origin/main HEAD\n"
			for _, line := range lines {
				script += "echo '+ " + line + "'\n" + line + "\n"
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
			cmd.Dir = project
			cmd.Env = append(os.Environ(), "PLEAT_URL="+url, "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"), "CI_COMMIT_SHORT_SHA=abc1234", "CI_NODE_INDEX=1", "CI_NODE_TOTAL=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

func githubLines(t *testing.T, path string) (out []string) {
	doc := documents(t, path)[0]
	for _, job := range []string{"check", "apply", "drift"} {
		steps, _ := at(doc, "jobs", job, "steps").([]any)
		for _, step := range steps {
			if line, ok := at(step, "run").(string); ok {
				out = append(out, strings.ReplaceAll(line, "${{ github.sha }}", "abc1234"))
			}
		}
	}
	return out
}

func gitlabLines(t *testing.T, path string) (out []string) {
	doc := documents(t, path)[0]
	for _, job := range []string{"check", "apply", "drift", "tenants"} {
		lines, _ := at(doc, job, "script").([]any)
		for _, line := range lines {
			out = append(out, fmt.Sprint(line))
		}
	}
	return out
}

// TestFleets runs both shapes of the example of many tenants.
func TestFleets(t *testing.T) {
	program := pleat(t)
	t.Run("databases", func(t *testing.T) {
		url, project := pgtest.URL(t), t.TempDir()
		if err := os.CopyFS(project, os.DirFS("fleet/databases")); err != nil {
			t.Fatal(err)
		}
		for _, tenant := range []string{"acme", "beta", "gamma", "delta"} {
			name := "shop_" + tenant
			pgtest.Exec(t, url, "CREATE DATABASE "+name)
			t.Cleanup(func() { pgtest.Exec(t, url, "DROP DATABASE "+name+" WITH (FORCE)") })
		}
		journey(t, program, project, "server="+url, "4 targets: 4 done.")
	})
	t.Run("schemas", func(t *testing.T) {
		url, project := pgtest.URL(t), t.TempDir()
		if err := os.CopyFS(project, os.DirFS("fleet/schemas")); err != nil {
			t.Fatal(err)
		}
		pgtest.Exec(t, url, `CREATE SCHEMA registry; CREATE TABLE registry.tenants (name text, schema_name text, closed boolean DEFAULT false);
			INSERT INTO registry.tenants VALUES ('Acme Ltd', 'acme', false), ('Beta & Sons', 'beta', false), ('gone', 'gone', true), ('Gamma', 'gamma', false)`)
		journey(t, program, project, "database="+url, "3 targets: 3 done.")
	})
}

func journey(t *testing.T, program, dir, variable, want string) {
	t.Helper()
	for _, args := range [][]string{
		{"plan", "--name", "first"}, {"apply"}, {"status", "--check"}, {"drift"}, {"verify"}, {"plan", "--detailed-exitcode"},
	} {
		cmd := exec.CommandContext(t.Context(), program, append(args, "--env", "tenants", "--var", variable)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil || args[0] == "apply" && !strings.Contains(string(out), want) {
			t.Fatalf("pleat %v: %v:\n%s", args, err, out)
		}
	}
}
