package backup

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// readArchive has pg_restore print all of an archive, which reads every block of it.
func readArchive(ctx context.Context, t *tools, path string) error {
	return program(ctx, nil, nil, io.Discard, t.restore, "--file=-", path)
}

// contents are the entries of an archive that hold rows, by the OID of their table. Names are not read: the list prints them without
// quotes.
func contents(ctx context.Context, t *tools, path string) (map[uint32]string, error) {
	var list bytes.Buffer
	if err := program(ctx, nil, nil, &list, t.restore, "--list", path); err != nil {
		return nil, fmt.Errorf("list the archive: %w", err)
	}
	out := map[uint32]string{}
	for line := range strings.Lines(list.String()) {
		fields := strings.Fields(line)
		if strings.HasPrefix(line, ";") || len(fields) < 5 || fields[3] != "TABLE" || fields[4] != "DATA" {
			continue
		}
		oid, err := strconv.ParseUint(fields[2], 10, 32)
		if err != nil || !strings.HasSuffix(fields[0], ";") {
			return nil, fmt.Errorf("list the archive: %q is no entry", strings.TrimSpace(line))
		}
		out[uint32(oid)] = line
	}
	return out, nil
}

// readData writes the rows of one table, as COPY's text has them, to out.
func readData(ctx context.Context, t *tools, path string, toc map[uint32]string, d *Data, out io.Writer) error {
	entry, ok := toc[d.OID]
	if !ok {
		return errors.New("the archive holds no rows of it")
	}
	list, err := os.CreateTemp("", "pleat-list-") // of mode 0600
	if err != nil {
		return fmt.Errorf("choose from the archive: %w", err)
	}
	defer os.Remove(list.Name())
	_, err = list.WriteString(entry)
	if err = errors.Join(err, list.Close()); err != nil {
		return fmt.Errorf("choose from the archive: %w", err)
	}
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := program(ctx, nil, nil, writer, t.restore, "--data-only", "--file=-", "--use-list="+list.Name(), path)
		_ = writer.CloseWithError(err) // always nil
		done <- err
	}()
	err = extract(reader, d, out)
	_ = reader.CloseWithError(err) // ends the program if we stopped early
	if failed := <-done; err == nil || errors.Is(failed, context.Canceled) {
		return failed
	}
	return err
}

// extract finds the one COPY of a script and passes its lines on. The archive was written with all names quoted, so that the
// statement is known to the byte.
func extract(in io.Reader, d *Data, out io.Writer) error {
	r := bufio.NewReaderSize(in, 1<<20)
	if err := skipTo(r, copyStatement(d)); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	start := true
	for {
		line, err := r.ReadSlice('\n')
		if start && string(line) == "\\.\n" {
			break
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		start = err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("read the rows: the archive ends within them: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, r)
	return err
}

// copyStatement is the line with which pg_dump begins the rows of a table (dumpTableData, pg_dump.c, PostgreSQL 13 to 18).
func copyStatement(d *Data) string {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	columns := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		columns[i] = quote(c)
	}
	list := ""
	if len(columns) > 0 {
		list = "(" + strings.Join(columns, ", ") + ")"
	}
	return "COPY " + quote(d.Schema) + "." + quote(d.Name) + " " + list + " FROM stdin;\n"
}

// skipTo reads up to the end of a text that begins a line.
func skipTo(r *bufio.Reader, text string) error {
	// Names may hold newlines, so that the text may be several lines.
	first, _, _ := strings.Cut(text, "\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return errors.New("read the rows: the archive does not hold them as they were asked for")
		}
		if line != first+"\n" {
			continue
		}
		rest := make([]byte, len(text)-len(line))
		if _, err := io.ReadFull(r, rest); err != nil || line+string(rest) != text {
			return errors.New("read the rows: the archive does not hold them as they were asked for")
		}
		return nil
	}
}

// counter counts lines.
type counter struct{ lines int64 }

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	c.lines += int64(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
}
