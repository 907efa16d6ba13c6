-- pleat: migration 20261120153000 add_slug
-- pleat: phase expand
-- pleat: scope 5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b → 9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e
-- pleat: object table public.markets
-- pleat: object index public.markets."a\x0a\\! sh"
-- pleat: proven up and down on PostgreSQL 17.6
-- pleat: destructive drops column public.markets."old\nname"
-- pleat: allow rewrite the table is small

-- pleat: up

-- pleat: step 1 add column public.markets.slug
-- lock: ACCESS EXCLUSIVE on public.markets · no rewrite · no scan
-- hostile:\n\\! sh
-- pleat: allow scan so is this
-- pleat: check markets without a name
SELECT id FROM public.markets WHERE name IS NULL;
ALTER TABLE public.markets ADD COLUMN slug character varying(200);
CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $pleat$
BEGIN
-- pleat: down
RETURN new; END
$pleat$;

-- pleat: step 2 index \\ it
-- pleat: no transaction
CREATE INDEX CONCURRENTLY i ON public.markets (slug) -- trailing
;

-- pleat: down

-- pleat: undo 2
DROP INDEX CONCURRENTLY public.i;

-- pleat: undo 1 loses column slug
-- pleat: undo 1 loses and its rows
ALTER TABLE public.markets DROP COLUMN slug;
