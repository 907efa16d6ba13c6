CREATE TABLE pleat.log (
    id            bigint PRIMARY KEY CHECK (id > 0),
    at            timestamptz NOT NULL,
    kind          text NOT NULL,
    run           text NOT NULL,
    version       text,
    name          text,
    phase         text,
    step          integer,
    part          integer,
    parts         integer,
    checksum      text,
    release       text,
    actor         text NOT NULL,
    session_actor text NOT NULL,
    host          text,
    os_user       text,
    pid           integer,
    application   text,
    tool          text,
    duration_ms   bigint,
    sqlstate      text,
    snapshot      text,
    detail        jsonb,
    previous      text NOT NULL,
    digest        text NOT NULL
);
COMMENT ON TABLE pleat.log IS 'Every event, one a row. The digests form a chain; `pleat verify` walks it.';
COMMENT ON COLUMN pleat.log.id IS 'Counts from 1 without gaps.';
COMMENT ON COLUMN pleat.log.run IS 'UUID of the run that wrote the row.';
COMMENT ON COLUMN pleat.log.part IS 'Which part of a step''s way back, of parts.';
COMMENT ON COLUMN pleat.log.checksum IS 'SHA-256 of the migration''s file; its text is in pleat.file.';
COMMENT ON COLUMN pleat.log.actor IS 'current_user; session_actor is session_user.';
COMMENT ON COLUMN pleat.log.snapshot IS 'Fingerprint of the catalog right after; the catalog is in pleat.snapshot.';
COMMENT ON COLUMN pleat.log.digest IS 'SHA-256 over all other columns, previous included, which is the digest of the row before.';

CREATE TABLE pleat.file (
    checksum text PRIMARY KEY,
    name     text NOT NULL,
    content  bytea NOT NULL,
    at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE pleat.file IS 'The text of every file that ran. Read one with convert_from(content, ''UTF8'').';

CREATE TABLE pleat.snapshot (
    fingerprint text PRIMARY KEY,
    catalog     json NOT NULL,
    at          timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE pleat.snapshot IS 'The catalog as it was right after a run: what drift is measured against.';

CREATE TABLE pleat.backfill (
    version    text NOT NULL,
    step       integer NOT NULL,
    checksum   text NOT NULL,
    relation   text NOT NULL,
    key        text[] NOT NULL,
    position   jsonb,
    last       jsonb,
    rows       bigint NOT NULL DEFAULT 0,
    batches    bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    done_at    timestamptz,
    proof      jsonb,
    PRIMARY KEY (version, step)
);
COMMENT ON TABLE pleat.backfill IS 'The cursor of each batched step, written with each batch, and the proof that it is complete.';
COMMENT ON COLUMN pleat.backfill.position IS 'Key of the last row that was done.';
COMMENT ON COLUMN pleat.backfill.last IS 'Highest key when the step began; later rows are the trigger''s.';

CREATE FUNCTION pleat.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $pleat$
BEGIN
    RAISE EXCEPTION '% on %.% refused: the history is append-only', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
END
$pleat$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pleat.log
    FOR EACH STATEMENT EXECUTE FUNCTION pleat.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pleat.file
    FOR EACH STATEMENT EXECUTE FUNCTION pleat.refuse_change();
ALTER TABLE pleat.log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE pleat.file ENABLE ALWAYS TRIGGER append_only;
