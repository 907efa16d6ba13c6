SELECT p.oid,
       p.polrelid AS relation,
       p.polname AS name,
       p.polpermissive AS permissive,
       p.polcmd AS command,
       roles.names AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using,
       pg_get_expr(p.polwithcheck, p.polrelid) AS check
  FROM pg_policy p
  JOIN pg_class c ON c.oid = p.polrelid
  LEFT JOIN LATERAL (SELECT array_agg(pg_get_userbyid(role)::text) AS names
                       FROM unnest(p.polroles) AS role
                      WHERE role <> 0) roles
         ON true
 WHERE c.relnamespace = ANY ($1::oid[])
 ORDER BY p.oid
