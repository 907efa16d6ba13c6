-- What is at addresses that the other queries did not explain.
SELECT k.class, k.oid, i.type AS what, i.schema, coalesce(i.name, i.identity) AS name, ad.object_names AS names
  FROM unnest($1::oid[], $2::oid[]) AS k (class, oid)
 CROSS JOIN LATERAL pg_identify_object(k.class, k.oid, 0) i
 CROSS JOIN LATERAL pg_identify_object_as_address(k.class, k.oid, 0) ad
