-- One row an element of a partition key. The definition is repeated; it tells which operator classes and collations
-- differ from those that the server would choose.
SELECT p.partrelid AS relation,
       p.partstrat AS strategy,
       pg_get_partkeydef(p.partrelid) AS definition,
       a.attname AS column,
       quote_ident(a.attname) AS column_text,
       pg_get_expr(p.partexprs, p.partrelid) AS expressions,
       cn.nspname AS collation_schema,
       co.collname AS collation_name,
       opn.nspname AS opclass_schema,
       op.opcname AS opclass_name
  FROM pg_partitioned_table p
  JOIN pg_class c ON c.oid = p.partrelid
 CROSS JOIN LATERAL unnest(p.partattrs::int2[], p.partclass::oid[], p.partcollation::oid[])
       WITH ORDINALITY AS k (att, class, coll, n)
  LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.att AND k.att > 0
  LEFT JOIN pg_collation co ON co.oid = k.coll
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
  JOIN pg_opclass op ON op.oid = k.class
  JOIN pg_namespace opn ON opn.oid = op.opcnamespace
 WHERE c.relnamespace = ANY ($1::oid[])
 ORDER BY p.partrelid, k.n
