// Package shadow asks a throw-away PostgreSQL what only PostgreSQL knows: how a text reads in the engine's own
// form, and whether a plan really leads where it should.
//
// It owns elaboration ([Shadow.Elaborate]), proof ([Shadow.Prove]), the replay of pending files ([Shadow.Replay]) and of
// declared renames ([Shadow.Move]). Package server below it finds and starts the servers. It imports schema,
// inspect and planner, and never a file of the user's.
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
package shadow
