// Command havepg says whether a throw-away PostgreSQL can be had from one provider, local or npm, and which it is. The
// scripts that prepare a machine ask it, so that they never know other places than pleat itself does. The exit code is 1
// when there is none.
//
// It imports package server only, neither the SQL parser nor Docker's client, so that it runs before a C compiler is there.
package main
