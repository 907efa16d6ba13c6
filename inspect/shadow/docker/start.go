package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/jackc/pgx/v5"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/testcontainers/testcontainers-go"
)

const (
	// superuser and dataRoot are ours to choose: the official images, and those built on them, take them from the environment.
	superuser = "postgres"
	dataRoot  = "/pleat"
	port      = "5432/tcp"

	// readyLimit bounds the start of a container whose image is present; initdb runs in it.
	readyLimit = 2 * time.Minute
)

// Start runs a container of an image that has the interface of Docker's official postgres image, and opens the server in it.
// The context bounds the start, pulling included. Closing the server removes the container.
func Start(ctx context.Context, image string) (*server.Server, error) {
	if err := withoutReaper(); err != nil {
		return nil, fmt.Errorf("start Docker image %s: %w", image, err)
	}
	cli, err := engine(ctx)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, cli, image)
	if err != nil {
		return nil, fmt.Errorf("start Docker image %s: %w", image, errors.Join(err, cli.Close()))
	}
	return s, nil
}

func start(ctx context.Context, cli *client.Client, image string) (*server.Server, error) {
	password := rand.Text()
	line := &lifeline{}
	c, err := testcontainers.Run(ctx, image, options(cli, line, password)...)
	stop := func() error { return errors.Join(remove(cli, c, line), cli.Close()) }
	if err != nil {
		return nil, errors.Join(whyNot(ctx, cli, image, err), remove(cli, c, line))
	}
	reach, err := address(ctx, c, password)
	if err == nil {
		err = await(ctx, reach, line)
	}
	if err != nil {
		return nil, errors.Join(err, remove(cli, c, line))
	}
	return server.Open(ctx, server.Spec{URL: reach, Place: "Docker image " + image, Stop: stop, Done: line.done})
}

// whyNot makes a failure to run an image that is not here after all into the absence of the provider.
func whyNot(ctx context.Context, cli *client.Client, image string, err error) error {
	if _, inspect := cli.ImageInspect(ctx, image); errdefs.IsNotFound(inspect) {
		return &server.AbsentError{Reason: fmt.Sprintf("the image %s is not present and could not be pulled: %v", image, err)}
	}
	return err
}

// options describe the container: data in memory, removed at its end, bound to the lifeline.
func options(cli *client.Client, line *lifeline, password string) []testcontainers.ContainerCustomizer {
	return []testcontainers.ContainerCustomizer{
		testcontainers.WithEnv(map[string]string{
			"POSTGRES_USER":        superuser,
			"POSTGRES_DB":          superuser,
			"POSTGRES_PASSWORD":    password,
			"POSTGRES_INITDB_ARGS": "--encoding=UTF8 --no-locale --no-sync",
			"PGDATA":               dataRoot + "/data",
		}),
		testcontainers.WithTmpfs(map[string]string{dataRoot: "rw,mode=1777"}),
		testcontainers.WithExposedPorts(port),
		testcontainers.WithEntrypoint("sh", "-c", lifelineScript, "sh"),
		testcontainers.WithCmd(command()...),
		testcontainers.WithConfigModifier(func(c *container.Config) { c.OpenStdin, c.StdinOnce = true, true }),
		testcontainers.WithHostConfigModifier(func(c *container.HostConfig) { c.AutoRemove = true }),
		testcontainers.WithAdditionalLifecycleHooks(testcontainers.ContainerLifecycleHooks{
			PostCreates: []testcontainers.ContainerHook{line.attach(cli)},
		}),
	}
}

func command() []string {
	settings := server.Settings()
	words := []string{"postgres"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		words = append(words, "-c", name+"="+settings[name])
	}
	return words
}

// address is the URL under which the container's server is reached from here.
func address(ctx context.Context, c *testcontainers.DockerContainer, password string) (string, error) {
	endpoint, err := c.PortEndpoint(ctx, port, "")
	if err != nil {
		return "", fmt.Errorf("find port of the container: %w", err)
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, password), Host: endpoint,
		Path: "/" + superuser, RawQuery: "sslmode=disable",
	}
	return u.String(), nil
}

// await connects until it succeeds. While the entrypoint prepares the data directory the server in the container listens on
// no TCP port, so that the first connection is to the server that stays.
func await(ctx context.Context, reach string, line *lifeline) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, reach)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-line.done:
			return fmt.Errorf("the container ended at once: %s", line.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w\n%s", err, line.lastWords())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// removeLimit bounds the removal of a container.
const removeLimit = 30 * time.Second

// remove removes the container, its volumes with it. One that is gone or going is no error.
func remove(cli *client.Client, c *testcontainers.DockerContainer, line *lifeline) error {
	defer line.close()
	if c == nil || c.GetContainerID() == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), removeLimit)
	defer cancel()
	_, err := cli.ContainerRemove(ctx, c.GetContainerID(), client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
		return fmt.Errorf("remove container: %w", err)
	}
	return nil
}
