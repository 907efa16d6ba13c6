-- Who needs whom, as far as objects that are not of initdb are concerned.
SELECT d.classid AS class,
       d.objid AS oid,
       d.objsubid AS sub,
       d.refclassid AS ref_class,
       d.refobjid AS ref_oid,
       d.refobjsubid AS ref_sub,
       d.deptype AS type
  FROM pg_depend d
 WHERE d.objid >= 16384
   AND d.deptype <> 'e'
   AND (d.refobjid >= 16384 OR d.refclassid = 'pg_namespace'::regclass)
