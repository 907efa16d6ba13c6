-- Constraints of tables and domains. Those of contype t are the other face of constraint triggers. The columns of a table
-- that column.sql reads are not named again.
WITH ref AS (
  SELECT con.oid, array_agg(a.attname::text ORDER BY k.n) AS columns
    FROM pg_constraint con
    JOIN pg_class rc ON rc.oid = con.confrelid
   CROSS JOIN LATERAL unnest(con.confkey) WITH ORDINALITY AS k (att, n)
    JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.att
   WHERE con.contype = 'f'
     AND con.connamespace = ANY ($1::oid[])
     AND rc.relnamespace <> ALL ($1::oid[])
   GROUP BY con.oid
), op AS (
  SELECT con.oid,
         array_agg(CASE WHEN n.nspname = 'pg_catalog' THEN o.oprname
                        ELSE 'OPERATOR(' || quote_ident(n.nspname) || '.' || o.oprname || ')'
                    END ORDER BY k.n) AS names
    FROM pg_constraint con
   CROSS JOIN LATERAL unnest(con.conexclop) WITH ORDINALITY AS k (operator, n)
    JOIN pg_operator o ON o.oid = k.operator
    JOIN pg_namespace n ON n.oid = o.oprnamespace
   WHERE con.contype = 'x'
     AND con.connamespace = ANY ($1::oid[])
   GROUP BY con.oid
)
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
       con.confrelid AS ref_relation,
       con.confkey AS ref_columns,
       ref.columns AS ref_names,
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
  LEFT JOIN ref ON ref.oid = con.oid
  LEFT JOIN op ON op.oid = con.oid
 WHERE con.connamespace = ANY ($1::oid[])
 ORDER BY con.oid
