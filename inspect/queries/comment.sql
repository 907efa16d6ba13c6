-- Comments on what a user made, and those on schema public and on extensions, for which initdb and CREATE EXTENSION write
-- comments of their own: original is that one.
SELECT d.classoid AS class,
       d.objoid AS oid,
       d.objsubid AS sub,
       d.description AS text,
       NULL AS original
  FROM pg_description d
 WHERE d.objoid >= 16384
   AND d.classoid <> 'pg_extension'::regclass
UNION ALL
SELECT 'pg_namespace'::regclass, n.oid, 0, d.description, 'standard public schema'
  FROM pg_namespace n
  LEFT JOIN pg_description d ON d.classoid = 'pg_namespace'::regclass AND d.objoid = n.oid
 WHERE n.nspname = 'public'
   AND n.oid < 16384
UNION ALL
SELECT 'pg_extension'::regclass, e.oid, 0, d.description, coalesce(av.comment, '')
  FROM pg_extension e
  LEFT JOIN pg_available_extensions() av ON av.name = e.extname
  LEFT JOIN pg_description d ON d.classoid = 'pg_extension'::regclass AND d.objoid = e.oid
 WHERE e.extname <> 'plpgsql'
 ORDER BY 1, 2, 3
