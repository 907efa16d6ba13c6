// Package shadow asks a throw-away PostgreSQL what only PostgreSQL knows: how a text reads in the engine's own
// form, and whether a plan really leads where it should.
//
// It owns elaboration ([Shadow.Elaborate]), proof ([Shadow.Prove]), the measuring of effects (in a proof, and [Shadow.Trace] for
// files of any origin), the replay of pending files ([Shadow.Replay]) and of declared renames ([Shadow.Move]). Package server below it finds and starts the servers. It imports schema, its
// parser, inspect and planner, and never a file of the user's.
//
// Each question gets a database of its own, made from an empty template in a few milliseconds and dropped afterwards.
// Only what differs is built, with the closure of what it needs: ten changed tables among ten thousand cost ten.
//
// Facts of the cluster that a schema names are stood in for on a server of our own: roles as NOLOGIN, tablespaces in
// place, missing libc collations as C under the same name. On a server that the user names nothing is stood in for,
// because roles and tablespaces there are shared with others.
//
// Decision: comments, owners and grants are not elaborated, because the engine stores them as they are; they are part of
// a proof only where the plan touches them.
//
// Decision: desired objects are built in a guessed order, and what fails is tried again after the rest. The exact order is
// known only once the engine has resolved every name, which is what the building is for.
//
// What is measured of a statement holds for every amount of rows, although the shadow has none: locks are taken, files changed and
// the messages of level DEBUG1 written on empty tables too (compared on 13 to 18, testdata/effects.txt). It does not hold where the engine
// says nothing: ALTER DOMAIN reads the tables that it locks without a message, which is added by rule; VACUUM and ANALYZE read without
// one, and so does what queries, changes of rows and code read, none of which is counted as a scan. TRUNCATE changes files without
// writing rows and is no rewrite.
//
// In a transaction an effect has the locks that the statement adds. A lock in the same mode that an earlier statement left on
// the relation cannot be told from none, so that the second of two ALTER TABLE may show no lock; where a statement reads or writes a
// relation in full, the lock that the transaction holds on it is in the effect in any case. For a whole transaction the
// locks of its statements together are exact.
//
// Decision: what cannot be in a transaction is held up by other sessions while its locks are read ([barrier]). Looking at a
// statement that runs freely on empty tables sees its locks now and then; rules alone would not know the next version.
//
// Decision: an index has an ID of its own kind in effects, that behind a key too, since locks are about relations.
package shadow
