-- Rules other than the one that makes a view.
SELECT w.oid,
       w.ev_class AS relation,
       w.rulename AS name,
       w.ev_enabled AS enabled,
       pg_get_ruledef(w.oid, false) AS definition
  FROM pg_rewrite w
  JOIN pg_class c ON c.oid = w.ev_class
 WHERE w.rulename <> '_RETURN'
   AND c.relnamespace = ANY ($1::oid[])
 ORDER BY w.oid
