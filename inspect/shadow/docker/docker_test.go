package docker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/jackc/pgx/v5"
	"github.com/moby/moby/client"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/testcontainers/testcontainers-go"
)

// childMode makes the test binary play the part named in it instead of running tests.
const childMode = "PLEAT_DOCKER_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childMode) {
	case "":
		m.Run()
	case "serve":
		serve()
	case "absent":
		_, err := Start(context.Background(), image())
		var absent *server.AbsentError
		fmt.Println(errors.As(err, &absent), err)
	}
}

// serve starts a container, prints its URL, and waits to be killed.
func serve() {
	s, err := Start(context.Background(), image())
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println(s.URL(""))
	<-s.Done()
}

// image is one that is expected to be present where tests run.
func image() string {
	if name := os.Getenv("PLEAT_TEST_DOCKER_IMAGE"); name != "" {
		return name
	}
	return "postgres:15"
}

// present skips the test unless an engine answers and has the image: tests pull nothing.
func present(t *testing.T) *client.Client {
	t.Helper()
	cli, err := engine(context.Background())
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { cli.Close() })
	if _, err := cli.ImageInspect(context.Background(), image()); err != nil {
		t.Skipf("image %s is not present: %v", image(), err)
	}
	return cli
}

func TestStart(t *testing.T) {
	cli := present(t)
	ctx := context.Background()
	s, err := server.Start(ctx, server.Options{Want: "docker://" + image(), Docker: Start})
	if err != nil {
		t.Fatal(err)
	}
	before := containers(t, cli)
	if err := s.CreateDatabase(ctx, "one", ""); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, s.URL("one"))
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := conn.QueryRow(ctx, "SELECT version() || current_setting('fsync') || current_setting('wal_level')").Scan(&got); err != nil {
		t.Fatal(err)
	}
	conn.Close(ctx)
	if !strings.HasPrefix(got, "PostgreSQL "+s.Version()) || !strings.HasSuffix(got, "offlogical") {
		t.Errorf("got %q from %s", got, s.Describe())
	}
	if err := s.CreateDatabase(ctx, "two", "one"); err != nil {
		t.Error(err)
	}
	if err := s.DropDatabase(ctx, "one"); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after := containers(t, cli); after != before-1 {
		t.Errorf("%d containers after the end, %d before", after, before)
	}
}

func TestKilledOwnerLeavesNoContainer(t *testing.T) {
	cli := present(t)
	before := containers(t, cli)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childMode+"=serve")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	running := containers(t, cli)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if !strings.HasPrefix(line, "postgres://") || running != before+1 {
		t.Fatalf("the child said %q with %d containers, %d before", line, running, before)
	}
	for range 200 {
		if containers(t, cli) == before {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the container outlived its owner")
}

// containers counts those of the image, ended ones too.
func containers(t *testing.T, cli *client.Client) int {
	t.Helper()
	list, err := cli.ContainerList(context.Background(), client.ContainerListOptions{All: true})
	if err != nil && !errdefs.IsNotFound(err) {
		t.Fatal(err)
	}
	count := 0
	for _, c := range list.Items {
		if c.Image == image() {
			count++
		}
	}
	return count
}

func TestWithoutEngine(t *testing.T) {
	child := exec.Command(os.Args[0])
	missing := "unix://" + t.TempDir() + "/none.sock"
	child.Env = append(os.Environ(), childMode+"=absent", "DOCKER_HOST="+missing, "HOME="+t.TempDir(), "XDG_RUNTIME_DIR="+t.TempDir())
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := os.Stat("/var/run/docker.sock"); err == nil {
		t.Skip("an engine is at the usual place, so that its absence cannot be shown")
	}
	if !strings.HasPrefix(string(out), "true ") || !strings.Contains(string(out), "no Docker engine") {
		t.Errorf("got %s", out)
	}
}

func TestImageThatCannotBePulledIsAbsent(t *testing.T) {
	present(t)
	s, err := Start(context.Background(), "pleat.invalid/no-such-image:0")
	if err == nil {
		s.Close()
		t.Fatal("an image that does not exist was started")
	}
	var absent *server.AbsentError
	if !errors.As(err, &absent) || !strings.Contains(err.Error(), "no-such-image:0 is not present and could not be pulled") {
		t.Errorf("got %v", err)
	}
}

func TestImageWithoutServerSaysWhy(t *testing.T) {
	cli := present(t)
	before := containers(t, cli)
	// A data directory inside a file cannot be made, so that the entrypoint fails.
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	line := &lifeline{}
	broken := append(options(cli, line, "x"), testcontainers.WithEnv(map[string]string{"PGDATA": "/etc/passwd/data"}))
	c, err := testcontainers.Run(context.Background(), image(), broken...)
	if err != nil {
		t.Fatal(err)
	}
	err = await(context.Background(), "postgres://127.0.0.1:1/postgres", line)
	if err == nil || !strings.Contains(err.Error(), "the container ended at once: ") || !strings.Contains(err.Error(), "/etc/passwd") {
		t.Errorf("got %v", err)
	}
	if err := remove(cli, c, line); err != nil {
		t.Error(err)
	}
	for range 50 {
		if containers(t, cli) == before {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the container that failed is still there")
}
