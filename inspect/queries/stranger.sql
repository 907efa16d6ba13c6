-- What is at addresses that the other queries did not explain. Of temporary relations nothing matters, and they may
-- be gone by now, which some functions take for an error.
WITH lasting AS MATERIALIZED (
  SELECT k.class, k.oid
    FROM unnest($1::oid[], $2::oid[]) AS k (class, oid)
    LEFT JOIN pg_attrdef d ON k.class = 'pg_attrdef'::regclass AND d.oid = k.oid
    LEFT JOIN pg_constraint con ON k.class = 'pg_constraint'::regclass AND con.oid = k.oid
    LEFT JOIN pg_trigger t ON k.class = 'pg_trigger'::regclass AND t.oid = k.oid
    LEFT JOIN pg_class c ON c.oid = coalesce(d.adrelid, nullif(con.conrelid, 0), t.tgrelid,
                                             CASE WHEN k.class = 'pg_class'::regclass THEN k.oid END)
   WHERE c.relpersistence IS DISTINCT FROM 't'
)
SELECT l.class, l.oid, i.type AS what, i.schema, coalesce(i.name, i.identity) AS name, ad.object_names AS names
  FROM lasting l
 CROSS JOIN LATERAL pg_identify_object(l.class, l.oid, 0) i
 CROSS JOIN LATERAL pg_identify_object_as_address(l.class, l.oid, 0) ad
 WHERE i.identity IS NOT NULL
