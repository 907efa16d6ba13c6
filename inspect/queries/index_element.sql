-- One row a key element of an index, except of the indexes behind keys.
SELECT i.indexrelid AS index,
       a.attname AS column,
       coalesce(quote_ident(a.attname), pg_get_indexdef(i.indexrelid, k.n::int, false)) AS text,
       cn.nspname AS collation_schema,
       co.collname AS collation_name,
       opn.nspname AS opclass_schema,
       op.opcname AS opclass_name,
       ia.attoptions AS opclass_params,
       nullif(ia.attstattarget, -1) AS statistics
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u')
 CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
       WITH ORDINALITY AS k (att, class, coll, n)
  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att AND k.att <> 0
  JOIN pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = k.n
  LEFT JOIN pg_collation co ON co.oid = k.coll
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
  JOIN pg_opclass op ON op.oid = k.class
  JOIN pg_namespace opn ON opn.oid = op.opcnamespace
 WHERE con.oid IS NULL
   AND c.relnamespace = ANY ($1::oid[])
 ORDER BY i.indexrelid, k.n
