package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// readServers reads the statistics of the primary and of each standby, and looks whether there are others.
func (c *collector) readServers(ctx context.Context) error {
	if err := c.Conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int / 10000", asking).Scan(&c.major); err != nil {
		return err
	}
	if err := c.readStatistics(ctx, c.Conn, primary); err != nil {
		return err
	}
	for _, s := range c.servers {
		c.out.Since = s.from
	}
	here, err := identify(ctx, c.Conn)
	if err != nil {
		return c.notRead(err, "which server this is")
	}
	var standbys []*identity
	senders := here.senders
	for _, s := range c.Standbys {
		id, err := c.readStandby(ctx, s, here)
		if err != nil {
			return err
		}
		if id == nil {
			continue
		}
		if i := slices.IndexFunc(standbys, id.same); i >= 0 {
			c.out.lack("the standbys %s and %s are one server: list each once", standbys[i].name, id.name)
			continue
		}
		standbys = append(standbys, id)
		senders = append(senders, id.senders...)
	}
	if len(senders) > len(standbys) {
		var names []string
		for _, sender := range senders {
			if !slices.ContainsFunc(standbys, sender.leadsTo) {
				names = append(names, sender.String())
			}
		}
		c.out.lack("%d of %d servers that replicate are not read (%s), and statements that only they ran are not seen: list their URLs in pleat.hcl, standbys = […]",
			len(senders)-len(standbys), len(senders), strings.Join(names, "; "))
	}
	return nil
}

// readStatistics reads one server's statements and begins their count.
func (c *collector) readStatistics(ctx context.Context, conn *pgx.Conn, name string) error {
	s, doubts, err := statistics(ctx, conn, name)
	var absent *statisticsError
	switch {
	case errors.As(err, &absent):
		c.out.lack("%s", absent.text)
		return nil
	case err != nil:
		return c.notRead(err, "the counted statements of "+name)
	}
	for _, doubt := range doubts {
		c.out.lack("%s", doubt)
	}
	c.begin(s)
	c.servers = append(c.servers, s)
	return nil
}

// readStandby reads one standby; nil where it cannot be reached or is something else.
func (c *collector) readStandby(ctx context.Context, s Standby, here *identity) (*identity, error) {
	conn, err := s.Connect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		c.out.lack("standby %s cannot be reached: %v", s.Name, err)
		return nil, nil
	}
	defer conn.Close(context.WithoutCancel(ctx))
	id, err := identify(ctx, conn)
	if err != nil {
		return nil, c.notRead(err, "which server "+s.Name+" is")
	}
	id.name = s.Name
	switch {
	case id.system != here.system:
		c.out.lack("%s is no standby of this server: it is of another cluster", s.Name)
		return nil, nil
	case !id.standby:
		c.out.lack("%s is no standby: it is not in recovery", s.Name)
		return nil, nil
	case id.database != here.database:
		c.out.lack("%s leads to database %q, and this one is %q", s.Name, id.database, here.database)
		return nil, nil
	}
	return id, c.readStatistics(ctx, conn, s.Name)
}

// notRead turns an error of the server into something that is missing. A connection that breaks is an error of the look itself.
func (c *collector) notRead(err error, what string) error {
	if err == nil {
		return nil
	}
	if serverSaid(err) && !c.Conn.IsClosed() {
		c.out.lack("%s could not be read: %v", what, err)
		return nil
	}
	return err
}

// identity is what tells servers apart.
type identity struct {
	name, database string
	system         int64
	standby        bool
	started        string
	address        string
	cluster        string
	senders        []sender
}

func (id *identity) same(other *identity) bool {
	return id.started == other.started && id.cluster == other.cluster && id.address == other.address
}

// sender is a process that sends the log to another server.
type sender struct{ application, address string }

func (s sender) String() string {
	if s.address == "" {
		return s.application
	}
	return s.application + " at " + s.address
}

// leadsTo guesses which standby a process serves: by the name that it goes by, its cluster_name unless it was told another.
func (s sender) leadsTo(id *identity) bool { return id.cluster != "" && s.application == id.cluster }

// identify asks a server who it is and which servers replicate it directly. Copies under way, logical replication and
// pg_receivewal serve no queries.
func identify(ctx context.Context, conn *pgx.Conn) (*identity, error) {
	id := &identity{}
	err := conn.QueryRow(ctx, `
		SELECT (SELECT system_identifier FROM pg_control_system()), pg_is_in_recovery(), current_database()::text, pg_postmaster_start_time()::text,
			coalesce(host(inet_server_addr()), '') || ':' || current_setting('port'), coalesce(current_setting('cluster_name', true), '')`, asking).
		Scan(&id.system, &id.standby, &id.database, &id.started, &id.address, &id.cluster)
	if err != nil {
		return nil, fmt.Errorf("ask the server who it is: %w", err)
	}
	rows, err := conn.Query(ctx, `
		SELECT coalesce(r.application_name, ''), coalesce(host(r.client_addr), '') FROM pg_stat_replication r
		WHERE coalesce(r.state, '') <> 'backup' AND coalesce(r.application_name, '') NOT IN ('pg_receivewal', 'pg_basebackup')
			AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
		ORDER BY 1, 2`, asking)
	if err != nil {
		return nil, fmt.Errorf("ask which servers replicate this one: %w", err)
	}
	id.senders, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s sender, err error) {
		return s, row.Scan(&s.application, &s.address)
	})
	if err != nil {
		return nil, fmt.Errorf("ask which servers replicate this one: %w", err)
	}
	return id, nil
}
