-- Parents of tables, of partitions and of indexes of partitions.
SELECT i.inhrelid AS child,
       n.nspname AS schema,
       p.relname AS name,
       /*since 14*/ i.inhdetachpending /*else false*/ AS detaching
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
  JOIN pg_class p ON p.oid = i.inhparent
  JOIN pg_namespace n ON n.oid = p.relnamespace
 WHERE c.relnamespace = ANY ($1::oid[])
 ORDER BY i.inhrelid, i.inhseqno
