SELECT p.oid,
       n.nspname AS schema,
       p.proname AS name,
       p.prokind AS kind,
       pg_get_userbyid(p.proowner) AS owner,
       l.lanname AS language,
       p.prosrc AS body,
       /*since 14*/ pg_get_function_sqlbody(p.oid) /*else NULL*/ AS sql_body,
       p.probin AS library,
       p.prosecdef AS security_definer,
       p.proconfig AS config,
       tr.types AS transforms,
       format_type(p.prorettype, NULL) AS returns,
       p.proretset AS returns_set,
       p.provolatile AS volatility,
       p.proisstrict AS strict,
       p.proleakproof AS leakproof,
       p.proparallel AS parallel,
       p.procost AS cost,
       p.prorows AS rows,
       supn.nspname AS support_schema,
       sup.proname AS support_name
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
  LEFT JOIN pg_proc sup ON sup.oid = p.prosupport
  LEFT JOIN pg_namespace supn ON supn.oid = sup.pronamespace
  LEFT JOIN LATERAL (SELECT array_agg(format_type(k.type, NULL) ORDER BY k.n) AS types
                       FROM unnest(p.protrftypes) WITH ORDINALITY AS k (type, n)) tr
         ON p.protrftypes IS NOT NULL
 WHERE p.prokind IN ('f', 'w', 'p', 'a')
   AND p.pronamespace = ANY ($1::oid[])
 ORDER BY p.oid
