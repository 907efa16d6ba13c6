-- Facts about the server that decide how the other queries are written and read.
SELECT current_setting('server_version_num')::int AS version,
       getdatabaseencoding() AS encoding
