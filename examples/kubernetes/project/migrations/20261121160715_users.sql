-- pleat: migration 20261121160715 users
-- pleat: scope 9b8a191f4c2e76eeaf615aaa662f7dd97ad6809606888e53f093e3e99ba509bc → 44c92072e80a3ed90da8f62a2b473c483754a6a5bcc1462fa3046fe2763db530
-- pleat: object schema app
-- pleat: object table app.users
-- pleat: object primary_key app.users.users_pkey
-- pleat: proven up and down on PostgreSQL 15.18

-- pleat: up

-- pleat: step 1 create schema app, create table app.users
-- lock: none that makes anybody wait · no rewrite · no scan
CREATE SCHEMA app;
CREATE TABLE app.users (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id)
);

-- pleat: down

-- pleat: undo 1 loses table app.users
DROP TABLE app.users;
DROP SCHEMA app;
