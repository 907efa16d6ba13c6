-- Constraints of tables and domains. Those of contype t are the other face of constraint triggers.
SELECT con.oid,
       con.conname AS name,
       con.contype AS kind,
       con.conrelid AS relation,
       con.contypid AS domain,
       con.conindid AS index,
       con.condeferrable AS deferrable,
       con.condeferred AS deferred,
       con.convalidated AS validated,
       /*since 18*/ con.conenforced /*else true*/ AS enforced,
       /*since 18*/ con.conperiod /*else false*/ AS period,
       con.connoinherit AS no_inherit,
       con.conislocal AS local,
       con.coninhcount AS inherited,
       parent.conname AS parent,
       con.conkey AS columns,
       rn.nspname AS ref_schema,
       rc.relname AS ref_table,
       ref.columns AS ref_columns,
       con.confmatchtype AS match,
       con.confdeltype AS on_delete,
       con.confupdtype AS on_update,
       /*since 15*/ con.confdelsetcols /*else NULL*/ AS delete_columns,
       op.names AS operators,
       pg_get_expr(con.conbin, con.conrelid) AS expr
  FROM pg_constraint con
  LEFT JOIN pg_constraint parent ON parent.oid = con.conparentid
  LEFT JOIN pg_class rc ON rc.oid = con.confrelid
  LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
  LEFT JOIN LATERAL (SELECT array_agg(a.attname::text ORDER BY k.n) AS columns
                       FROM unnest(con.confkey) WITH ORDINALITY AS k (att, n)
                       JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.att) ref
         ON con.contype = 'f'
  LEFT JOIN LATERAL (SELECT array_agg(CASE WHEN opn.nspname = 'pg_catalog' THEN o.oprname
                                           ELSE 'OPERATOR(' || quote_ident(opn.nspname) || '.' || o.oprname || ')'
                                       END ORDER BY k.n) AS names
                       FROM unnest(con.conexclop) WITH ORDINALITY AS k (operator, n)
                       JOIN pg_operator o ON o.oid = k.operator
                       JOIN pg_namespace opn ON opn.oid = o.oprnamespace) op
         ON con.contype = 'x'
 WHERE con.connamespace = ANY ($1::oid[])
 ORDER BY con.oid
