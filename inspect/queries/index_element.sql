-- The elements of indexes that are more than columns, or may be: one row an element, for all elements of such an index.
-- Which operator classes and collations differ from those that the server would choose only the definition tells; it comes with
-- the first element. An element is certainly ordinary where the column's type is the one for which the class is
-- the default; varchar, which has no class of its own, uses that of text.
WITH element AS MATERIALIZED (
  SELECT i.indexrelid, k.n, k.att, k.class, k.coll, a.attname,
         bool_or(a.attnum IS NULL
                 OR k.coll <> a.attcollation
                 OR NOT op.opcdefault
                 OR op.opcintype <> a.atttypid AND NOT (op.opcintype = 'text'::regtype
                                                        AND a.atttypid = 'varchar'::regtype
                                                        AND op.opcnamespace = 'pg_catalog'::regnamespace
                                                        AND op.oid < 16384)
                 OR i.indexrelid IN (SELECT attrelid FROM pg_attribute WHERE attoptions IS NOT NULL AND EXISTS (SELECT FROM unnest(attoptions) AS o (option) WHERE o.option NOT LIKE 'pg\_attver=%')))
           OVER (PARTITION BY i.indexrelid) AS special
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
   CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
         WITH ORDINALITY AS k (att, class, coll, n)
    JOIN pg_opclass op ON op.oid = k.class
    -- OFFSET keeps this a look-up in the unique index for each element; hashing all of pg_attribute is far slower.
    LEFT JOIN LATERAL (SELECT attnum, attname, atttypid, attcollation
                         FROM pg_attribute
                        WHERE attrelid = i.indrelid AND attnum = k.att
                       OFFSET 0) a ON true
   WHERE c.relnamespace = ANY ($1::oid[])
)
SELECT e.indexrelid AS index,
       CASE WHEN e.n = 1 THEN pg_get_indexdef(e.indexrelid) END AS definition,
       e.attname AS column,
       coalesce(quote_ident(e.attname), pg_get_indexdef(e.indexrelid, e.n::int, false)) AS text,
       cn.nspname AS collation_schema,
       co.collname AS collation_name,
       opn.nspname AS opclass_schema,
       op.opcname AS opclass_name,
       CASE WHEN ia.attoptions IS NOT NULL THEN
         (SELECT array_agg(o.option ORDER BY o.n) FROM unnest(ia.attoptions) WITH ORDINALITY AS o (option, n)
           WHERE o.option NOT LIKE 'pg\_attver=%') END AS opclass_params,
       nullif(ia.attstattarget, -1) AS statistics
  FROM element e
  JOIN pg_attribute ia ON ia.attrelid = e.indexrelid AND ia.attnum = e.n
  LEFT JOIN pg_collation co ON co.oid = e.coll
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
  JOIN pg_opclass op ON op.oid = e.class
  JOIN pg_namespace opn ON opn.oid = op.opcnamespace
 WHERE e.special
 ORDER BY e.indexrelid, e.n
