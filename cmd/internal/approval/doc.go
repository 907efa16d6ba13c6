// Package approval lets people sign what a run is about to do, and judges whether enough of them did.
//
// What is signed is a [Statement]: a short text that names the database, the newest row of its log, and each file that would run with its
// SHA-256. The signature is OpenSSH's (PROTOCOL.sshsig), so that `ssh-keygen -Y sign` can make it and `ssh-keygen -Y verify`
// can check it. Both are kept in the log.
//
// It owns the text, the allowed keys, the signing and the judgement. It is the only package that knows SSH; it sends nothing to a
// database. Entry points: [New] and [Parse], [ReadSigners], [FindKey], [Judge].
//
// Invariants:
//   - An approval counts for one log only: the row that the statement calls the newest must be in it.
//   - An approval is over once anything ran that it does not name. What it names may run in parts, so that an apply that
//     failed or was killed goes on without being signed anew. An edited file needs a new one.
//   - A signature by a key that the process which applies could use itself counts for nothing: it would prove nobody.
//   - Every approval of the log is verified each time, from the bytes that were signed; what the log says about it is never believed.
//
// Decision: the way back needs no approval. It is part of the file that was signed, and it is needed when nobody is awake. The rejected
// way, a signature for each rollback, makes failures last longer than mistakes do.
//
// Decision: OpenSSH's format and allowed_signers file rather than a format of our own: people have the keys, agents and hardware tokens, and
// can check a signature without pleat.
package approval
