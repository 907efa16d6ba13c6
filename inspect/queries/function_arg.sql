-- One row a parameter. proallargtypes is NULL where all parameters are IN.
SELECT p.oid AS function,
       k.name,
       k.mode,
       format_type(k.type, NULL) AS type,
       CASE WHEN p.pronargdefaults > 0 THEN pg_get_function_arg_default(p.oid, k.n::int) END AS default
  FROM pg_proc p
 CROSS JOIN LATERAL unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes, p.proargnames)
       WITH ORDINALITY AS k (type, mode, name, n)
 WHERE p.pronamespace = ANY ($1::oid[])
   AND k.type IS NOT NULL
 ORDER BY p.oid, k.n
