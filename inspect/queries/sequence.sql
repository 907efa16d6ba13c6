-- Sequences, with the column that owns them (deptype a) or whose identity they are (deptype i).
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_userbyid(c.relowner) AS owner,
       c.relpersistence = 'u' AS unlogged,
       format_type(s.seqtypid, NULL) AS type,
       s.seqstart AS start,
       s.seqincrement AS increment,
       s.seqmin AS min,
       s.seqmax AS max,
       s.seqcache AS cache,
       s.seqcycle AS cycle,
       d.deptype = 'i' AS identity,
       a.attrelid AS owner_relation,
       a.attnum AS owner_number,
       own.nspname AS owner_schema,
       o.relname AS owner_table,
       a.attname AS owner_column
  FROM pg_sequence s
  JOIN pg_class c ON c.oid = s.seqrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass
                       AND d.objid = c.oid
                       AND d.objsubid = 0
                       AND d.refclassid = 'pg_class'::regclass
                       AND d.refobjsubid > 0
                       AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_class o ON o.oid = a.attrelid
  LEFT JOIN pg_namespace own ON own.oid = o.relnamespace
 WHERE c.relnamespace = ANY ($1::oid[])
 ORDER BY c.oid
