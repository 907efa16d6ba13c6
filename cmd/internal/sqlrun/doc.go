// Command sqlrun runs SQL in the database that PLEAT_URL or DATABASE_URL names, as its arguments or else standard input
// give it, and prints the rows of queries. The demonstration uses it where a person would use psql, which not every machine has.
//
// It imports pgx only.
package main
