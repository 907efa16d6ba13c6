CREATE TABLE pleat.legacy_write (
    relation    text NOT NULL,
    attribute   text NOT NULL,
    role        text NOT NULL,
    application text NOT NULL,
    day         date NOT NULL,
    first_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    last_at     timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE INDEX legacy_write_key ON pleat.legacy_write (relation, attribute, day);
COMMENT ON TABLE pleat.legacy_write IS 'Who wrote through the old shape of a relation while a new one stands beside it, by day (UTC). Sessions that begin at once may each leave a row.';
COMMENT ON COLUMN pleat.legacy_write.relation IS 'Qualified and quoted as SQL writes it.';
COMMENT ON COLUMN pleat.legacy_write.last_at IS 'When a session of that role and application last began to write so: later writes of the same session on the same day are not counted.';

CREATE FUNCTION pleat.record_write(relation text, attribute text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $pleat$
DECLARE
    wrote       constant regclass := to_regclass($1);
    who         constant text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
    program     text := current_setting('application_name');
    today       constant date := (now() AT TIME ZONE 'UTC')::date;
    patient     constant boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
    name        text;
    row_of_ours tid;
    busy        integer;
BEGIN
    SELECT format('%I.%I', n.nspname, c.relname) INTO name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.oid = wrote AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped;
    IF name IS NULL THEN
        RETURN;
    END IF;
    IF current_setting('transaction_isolation') <> 'serializable' THEN
        SELECT w.ctid INTO row_of_ours FROM pleat.legacy_write w
        WHERE w.relation = name AND w.attribute = $2 AND w.day = today AND w.role = who AND w.application = program LIMIT 1;
        IF row_of_ours IS NOT NULL THEN
            IF patient THEN
                UPDATE pleat.legacy_write SET last_at = clock_timestamp() WHERE ctid =
                    (SELECT w.ctid FROM pleat.legacy_write w WHERE w.ctid = row_of_ours AND w.last_at < clock_timestamp() - interval '1 minute'
                     FOR UPDATE SKIP LOCKED);
            END IF;
            RETURN;
        END IF;
        SELECT count(*) INTO busy FROM (SELECT FROM pleat.legacy_write w
            WHERE w.relation = name AND w.attribute = $2 AND w.day = today LIMIT 1000) AS noted;
        IF busy = 1000 THEN
            program := '';
            IF EXISTS (SELECT FROM pleat.legacy_write w
                WHERE w.relation = name AND w.attribute = $2 AND w.day = today AND w.role = who AND w.application = program) THEN
                RETURN;
            END IF;
        END IF;
    END IF;
    INSERT INTO pleat.legacy_write (relation, attribute, role, application, day) VALUES (name, $2, who, program, today);
END
$pleat$;
COMMENT ON FUNCTION pleat.record_write(text, text) IS 'The slow half of pleat.note_write.';

CREATE FUNCTION pleat.note_write(relation text, attribute text) RETURNS void LANGUAGE plpgsql AS $pleat$
DECLARE
    remembered constant text := 'pleat.noted_' OPERATOR(pg_catalog.||) pg_catalog.md5($1 OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) $2);
    now_is     constant text := pg_catalog.date_part('epoch', pg_catalog.date_trunc('day', pg_catalog.timezone('UTC', pg_catalog.now())))::pg_catalog.text
        OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) current_user::pg_catalog.text
        OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) pg_catalog.current_setting('application_name');
    before     constant text := pg_catalog.current_setting(remembered, true);
BEGIN
    IF remembered IS NULL OR before OPERATOR(pg_catalog.=) now_is OR before OPERATOR(pg_catalog.=) 'failed' THEN
        RETURN;
    END IF;
    BEGIN
        IF pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'off' THEN
            PERFORM pleat.record_write($1, $2);
        END IF;
        PERFORM pg_catalog.set_config(remembered, now_is, false);
    EXCEPTION WHEN OTHERS THEN
        PERFORM pg_catalog.set_config(remembered, 'failed', true);
    END;
END
$pleat$;
COMMENT ON FUNCTION pleat.note_write(text, text) IS 'Records that this session wrote a column''s old form; triggers of an expand call it. It costs a comparison after the first call of a session and day.';

REVOKE ALL ON TABLE pleat.legacy_write FROM PUBLIC;
GRANT USAGE ON SCHEMA pleat TO PUBLIC;
GRANT EXECUTE ON FUNCTION pleat.note_write(text, text), pleat.record_write(text, text) TO PUBLIC;
