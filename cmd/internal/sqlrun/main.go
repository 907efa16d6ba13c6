package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run sends everything in one round trip, so that several statements are one transaction.
func run(ctx context.Context, args []string, out io.Writer) error {
	sql := strings.Join(args, "; ")
	if len(args) == 0 {
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return fmt.Errorf("read SQL: %w", err)
		}
		sql = string(text)
	}
	url := os.Getenv("PLEAT_URL")
	if url == "" {
		url = os.Getenv("DATABASE_URL")
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return errors.New("connect to the database that PLEAT_URL names: no answer, or no access")
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	for _, r := range results {
		show(out, r)
	}
	if err != nil {
		return fmt.Errorf("run SQL: %w", err)
	}
	return nil
}

// show writes rows, one a line with bars between the columns, or the command's tag where there are none.
func show(out io.Writer, r *pgconn.Result) {
	if r.Err != nil {
		return
	}
	if len(r.FieldDescriptions) == 0 {
		fmt.Fprintln(out, r.CommandTag)
		return
	}
	for _, row := range r.Rows {
		cells := make([]string, len(row))
		for i, value := range row {
			cells[i] = string(value)
		}
		fmt.Fprintln(out, strings.Join(cells, " | "))
	}
}
