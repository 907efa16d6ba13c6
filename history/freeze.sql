CREATE FUNCTION pleat.refuse_legacy() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $pleat$
BEGIN
    RAISE EXCEPTION 'this database''s schema is managed by pleat since %, and %.% is the record of what % did before; use "pleat plan" and "pleat apply" instead of %',
        tg_argv[1], quote_ident(tg_table_schema), quote_ident(tg_table_name), tg_argv[0], tg_argv[0]
        USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('%s was refused by the trigger %s.', tg_op, tg_name),
            HINT = format('To go back to %s, take the import back first: "pleat import --undo" removes the trigger.', tg_argv[0]);
END
$pleat$;
COMMENT ON FUNCTION pleat.refuse_legacy() IS 'Makes a tool fail that changed this database''s schema before pleat did. Its arguments are the tool and the day since which.';
