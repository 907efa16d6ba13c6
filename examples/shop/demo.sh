#!/usr/bin/env bash
# The whole journey on a throw-away server: plan and apply this project to an empty database, change it, see what somebody
# changed behind pleat's back, roll back, change it while old code runs, and import the result. `make demo` runs it; PLEAT names
# another binary.
#
# Every command is printed as a person would type it, then run. Nothing is left behind, whether it ends well or not.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
pleat=${PLEAT:-$top/bin/pleat}
[ -x "$pleat" ] || { echo "demo: there is no $pleat; run make build first" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/pleat-demo.XXXXXX")
server=
cleanup() {
  local code=$?
  trap - EXIT INT TERM HUP
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mkdir "$work/bin"
ln -s "$pleat" "$work/bin/pleat"
(cd "$top" && GOTMPDIR=$work go build -o "$work/bin/sqlrun" ./cmd/internal/sqlrun)
PATH="$work/bin:$PATH"
# What the caller's shell says of other databases is not meant for this one.
unset "${!PG@}" "${!PLEAT_@}" DATABASE_URL

title() { printf '\n\n=== %s\n' "$*"; }
note() { printf '\n# %s\n' "$*"; }

# quote prints words as they would be typed.
quote() {
  local word out=
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=,@%+-]*) word="\"$word\"" ;;
    esac
    out+=" $word"
  done
  printf '%s' "${out# }"
}

# expect CODE COMMAND...: print the command, run it, and end the demonstration where it exits with another code.
expect() {
  local want=$1 code=0
  shift
  printf '\n$ %s\n' "$(quote "$@")"
  "$@" || code=$?
  [ "$want" = 0 ] && [ "$code" = 0 ] || printf '(exit code %s)\n' "$code"
  if [ "$code" != "$want" ]; then
    printf '\ndemo: exit code %s was expected\n' "$want" >&2
    exit 1
  fi
}
run() { expect 0 "$@"; }

title "A throw-away PostgreSQL"
"$pleat" server >"$work/server.out" 2>"$work/server.err" &
server=$!
for _ in $(seq 1200); do
  [ -s "$work/server.out" ] && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
cat "$work/server.err"
url=$(head -n 1 "$work/server.out")
[ -n "$url" ] || { echo "demo: no server started" >&2; exit 1; }
export PLEAT_URL=$url
sqlrun "SELECT version()"

mkdir "$work/shop"
cp -R "$here/schema" "$work/shop/"
cd "$work/shop"

# change FILE: show a change of the schema files, and make it.
change() {
  run cat "$1"
  if command -v git >/dev/null; then
    GIT_CEILING_DIRECTORIES=$work git apply "$1"
  else
    patch -s -p1 <"$1"
  fi
}

title "1. From HCL files to an empty database"
run ls schema
run pleat plan --name create_shop
note "The plan is a file to read and review (its first 40 lines):"
run head -n 40 migrations/*_create_shop.sql
run pleat apply --auto-approve
run pleat status
note "sqlrun stands for psql, which not every machine has."
run sqlrun "INSERT INTO shop.customers (email, name) VALUES ('ada@example.org', 'Ada')" \
  "INSERT INTO shop.orders (customer_id, status) SELECT id, 'paid' FROM shop.customers"

title "2. A change: a column with its index, a value of an enum, and a view on which two others stand"
change "$here/change.diff"
run pleat plan --name sold_out
run cat migrations/*_sold_out.sql
run pleat apply --auto-approve
note "Planned again, nothing differs."
run pleat plan --name again --detailed-exitcode

title "3. Somebody changes the database behind pleat's back"
run sqlrun "CREATE INDEX products_price_idx ON shop.products (price)" \
  "ALTER TABLE shop.products ALTER COLUMN description SET DEFAULT 'none'"
expect 2 pleat drift

title "4. Back, with the rows"
note "The way back drops the new column; pleat wants to hear that this is meant."
expect 1 pleat rollback --auto-approve
run pleat rollback --auto-approve --accept-data-loss
run sqlrun "SELECT c.name, o.status FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id"

note "The file is pending again. The project gives the change up, as a revert of its commit would."
run pleat status
run rm migrations/*_sold_out.sql
run pleat hash
if command -v git >/dev/null; then
  GIT_CEILING_DIRECTORIES=$work git apply -R "$here/change.diff"
else
  patch -R -s -p1 <"$here/change.diff"
fi

title "5. A change that old code must survive: one column comes, filled from one that goes"
change "$here/online.diff"
note "What somebody changed is put right first, with the SQL from above."
run sqlrun "DROP INDEX shop.products_price_idx" "ALTER TABLE shop.products ALTER COLUMN description SET DEFAULT ''"
run pleat plan --name country
note "Two files. The first is safe while old code runs; above each step stand the locks that were measured."
run cat migrations/*_country.expand.sql
run pleat apply --auto-approve
note "Old code knows nothing of the new column, and goes on."
run sqlrun "INSERT INTO shop.customers (email, name, ship_to) VALUES ('max@example.org', 'Max', ROW('Ring 1', '80331', 'DE'))" \
  "SELECT name, country FROM shop.customers ORDER BY id"
note "What the second file takes away is still used: the trigger saw who wrote without the new column."
expect 2 pleat ready
note "A person who knows better can say so, with a reason that is kept."
run pleat apply --auto-approve --override-evidence "that was the demonstration itself"
note "Nothing was destroyed. What was taken away waits in the trash, and the way back brings it back with its values."
run pleat status
run pleat rollback --auto-approve
run sqlrun "SELECT name, (ship_to).postcode FROM shop.customers WHERE ship_to IS NOT NULL"
run pleat apply --auto-approve --override-evidence "and once more"

title "6. What is there now, as HCL"
run pleat inspect --out described --split table
run ls described
note "The files describe the database exactly, and leave the trash out: nothing differs."
run pleat plan --schema described --dry-run --detailed-exitcode

title "7. A database that pleat has never seen"
run sqlrun "CREATE DATABASE legacy"
export PLEAT_URL=${url/"/postgres?"//legacy?}
run sqlrun "CREATE TABLE country (code char(2) PRIMARY KEY, name text NOT NULL)" \
  "CREATE TABLE city (id serial PRIMARY KEY, country char(2) NOT NULL REFERENCES country, name text CHECK (name <> ''))" \
  "CREATE VIEW cities AS SELECT i.name, o.name AS country FROM city i JOIN country o ON o.code = i.country"
run pleat import --out "$work/legacy"
cd "$work/legacy"
run cat schema/public.hcl
note "Nothing differs, and the next change begins here."
run pleat plan --name nothing --detailed-exitcode

title "Done. The server and all files go now."
