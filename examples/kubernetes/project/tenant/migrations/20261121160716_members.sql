-- pleat: migration 20261121160716 members
-- pleat: scope a6fc242faa63dcc01e7908cba7106307ae9418f93e729cbd77916fa2c2d08d6a → 2fcdbeb4d67d4ca3d5717b27c92563957f64a440634a3e1133ef1bfee50d69bd
-- pleat: object schema tenant
-- pleat: object table tenant.members
-- pleat: object primary_key tenant.members.members_pkey
-- pleat: proven up and down on PostgreSQL 15.18

-- pleat: up

-- pleat: step 1 create schema tenant, create table tenant.members
-- lock: none that makes anybody wait · no rewrite · no scan
CREATE SCHEMA tenant;
CREATE TABLE tenant.members (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    CONSTRAINT members_pkey PRIMARY KEY (id)
);

-- pleat: down

-- pleat: undo 1 loses table tenant.members
DROP TABLE tenant.members;
DROP SCHEMA tenant;
