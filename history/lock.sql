CREATE TABLE pleat.lock (
    key           bigint PRIMARY KEY,
    token         bigint NOT NULL CHECK (token > 0),
    form          text NOT NULL CHECK (form IN ('session', 'lease')),
    id            text NOT NULL,
    run           text NOT NULL,
    operation     text NOT NULL,
    scope         text[],
    pid           integer,
    backend_start timestamptz,
    role          text NOT NULL,
    host          text,
    os_user       text,
    client_pid    integer,
    application   text,
    tool          text,
    since         timestamptz NOT NULL,
    heartbeat     timestamptz NOT NULL,
    lifetime_ms   bigint NOT NULL CHECK (lifetime_ms >= 0),
    released_at   timestamptz
);
COMMENT ON TABLE pleat.lock IS 'Who runs, or ran last. With form "session" a label and no more: the lock is an advisory one and ends with its session. With form "lease" the lock itself.';
COMMENT ON COLUMN pleat.lock.key IS 'Made of the database and the managed schemas; also the key of the advisory lock.';
COMMENT ON COLUMN pleat.lock.token IS 'Grows with each holder. Every transaction of a run checks that it is still its own before it commits.';
COMMENT ON COLUMN pleat.lock.heartbeat IS 'The last sign of life. A lease may be taken over lifetime_ms later, by this server''s clock.';
