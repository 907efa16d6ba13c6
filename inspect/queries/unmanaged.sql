-- Objects that the model does not hold, by name; schema is NULL of what lives in no schema. Parts of such an object say
-- whose they are in the last two columns and need no name.
SELECT 'pg_type'::regclass::oid AS class, t.oid,
       CASE WHEN NOT t.typisdefined THEN 'shell type' WHEN t.typtype = 'r' THEN 'range type' ELSE 'base type' END AS what,
       n.nspname::text AS schema, t.typname::text AS name,
       0::oid AS of_class, 0::oid AS of_oid
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_type el ON el.oid = t.typelem AND el.typarray = t.oid
 WHERE (t.typtype IN ('b', 'r') OR NOT t.typisdefined)
   AND el.oid IS NULL
   AND t.typnamespace = ANY ($1::oid[])
UNION ALL
SELECT 'pg_collation'::regclass, c.oid, 'collation', n.nspname, c.collname, 0, 0
  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_conversion'::regclass, c.oid, 'conversion', n.nspname, c.conname, 0, 0
  FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_operator'::regclass, o.oid, 'operator', n.nspname,
       format('%s(%s, %s)', o.oprname,
              CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END,
              CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END), 0, 0
  FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_opclass'::regclass, o.oid, 'operator class', n.nspname, format('%s using %s', o.opcname, am.amname), 0, 0
  FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am am ON am.oid = o.opcmethod
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_opfamily'::regclass, o.oid, 'operator family', n.nspname, format('%s using %s', o.opfname, am.amname), 0, 0
  FROM pg_opfamily o JOIN pg_namespace n ON n.oid = o.opfnamespace JOIN pg_am am ON am.oid = o.opfmethod
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_amop'::regclass, a.oid, NULL, NULL, NULL, 'pg_opfamily'::regclass, a.amopfamily
  FROM pg_amop a
 WHERE a.oid >= 16384
UNION ALL
SELECT 'pg_amproc'::regclass, a.oid, NULL, NULL, NULL, 'pg_opfamily'::regclass, a.amprocfamily
  FROM pg_amproc a
 WHERE a.oid >= 16384
UNION ALL
SELECT 'pg_ts_parser'::regclass, t.oid, 'text search parser', n.nspname, t.prsname, 0, 0
  FROM pg_ts_parser t JOIN pg_namespace n ON n.oid = t.prsnamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_ts_template'::regclass, t.oid, 'text search template', n.nspname, t.tmplname, 0, 0
  FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_ts_dict'::regclass, t.oid, 'text search dictionary', n.nspname, t.dictname, 0, 0
  FROM pg_ts_dict t JOIN pg_namespace n ON n.oid = t.dictnamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_ts_config'::regclass, t.oid, 'text search configuration', n.nspname, t.cfgname, 0, 0
  FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_statistic_ext'::regclass, s.oid, 'extended statistics', n.nspname, s.stxname, 0, 0
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
 WHERE n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_default_acl'::regclass, d.oid, 'default privileges', n.nspname,
       format('%s of role %s',
              CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                   WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END,
              pg_get_userbyid(d.defaclrole)), 0, 0
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
 WHERE d.defaclnamespace = 0 OR n.oid = ANY ($1::oid[])
UNION ALL
SELECT 'pg_cast'::regclass, c.oid, 'cast', NULL,
       format('%s as %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), 0, 0
  FROM pg_cast c
 WHERE c.oid >= 16384
UNION ALL
SELECT 'pg_event_trigger'::regclass, e.oid, 'event trigger', NULL, e.evtname, 0, 0
  FROM pg_event_trigger e
UNION ALL
SELECT 'pg_publication'::regclass, p.oid, 'publication', NULL, p.pubname, 0, 0
  FROM pg_publication p
UNION ALL
SELECT 'pg_publication_rel'::regclass, r.oid, NULL, NULL, NULL, 'pg_publication'::regclass, r.prpubid
  FROM pg_publication_rel r
/*since 15*/
UNION ALL
SELECT 'pg_publication_namespace'::regclass, r.oid, NULL, NULL, NULL, 'pg_publication'::regclass, r.pnpubid
  FROM pg_publication_namespace r
/*else */
UNION ALL
-- Before PostgreSQL 14 the OID of a subscription is not for everybody to read.
SELECT 'pg_subscription'::regclass, 0, 'subscription', NULL, s.subname, 0, 0
  FROM pg_subscription s
 WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'pg_foreign_data_wrapper'::regclass, f.oid, 'foreign data wrapper', NULL, f.fdwname, 0, 0
  FROM pg_foreign_data_wrapper f
UNION ALL
SELECT 'pg_foreign_server'::regclass, s.oid, 'server', NULL, s.srvname, 0, 0
  FROM pg_foreign_server s
UNION ALL
SELECT 'pg_user_mapping'::regclass, u.umid, 'user mapping', NULL, format('%s on server %s', u.usename, u.srvname), 0, 0
  FROM pg_user_mappings u
UNION ALL
SELECT 'pg_language'::regclass, l.oid, 'language', NULL, l.lanname, 0, 0
  FROM pg_language l
 WHERE l.oid >= 16384
UNION ALL
SELECT 'pg_am'::regclass, a.oid, 'access method', NULL, a.amname, 0, 0
  FROM pg_am a
 WHERE a.oid >= 16384
UNION ALL
SELECT 'pg_transform'::regclass, t.oid, 'transform', NULL, format('for %s language %s', format_type(t.trftype, NULL), l.lanname), 0, 0
  FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
 ORDER BY 1, 2
