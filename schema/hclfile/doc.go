// Package hclfile is the language: it turns HCL files into the model, with positions and diagnostics, and the model into
// HCL files.
//
// It owns the vocabulary of blocks and arguments (docs/language.md), the resolution of references, the canonical text of
// files, and nothing of what a change of the text means. May import: schema, schema/sqltext (what SQL text refers to),
// schema/hclfile/eval (variables, locals, functions), hcl and cty. It knows no database: text whose normal form only the
// engine knows is kept as it is written.
//
// Entry points: [Load], [Write], [Format], [AddMoved].
//
// How a load goes: each file's syntax is read, variables and locals are resolved (package eval); bodies become blocks,
// checked against a [spec] and with for_each and dynamic expanded (body.go, each.go); all names are declared
// (declare.go); then each block becomes objects (one file a kind), and at last the names in SQL text become
// dependencies (depend.go) and moves are checked (intent.go).
//
// Invariants:
//
//  1. Nothing unknown is ignored: a block, argument or word that the language does not have is an error at its place.
//  2. References are resolved without evaluation, so that they work before any value is known. One part names an
//     object, two name its schema and the object; the number of parts alone tells the forms apart.
//  3. Load(Write(c)) is c without what HCL cannot say: owners, grants, rules, what the engine derives, and the columns of
//     views, which are written only where one has something to say.
//  4. Texts come back to the byte, white space, templates and Unicode normal forms included. The writer reads its own
//     text back and takes the most readable form that survives.
//  5. No input makes Load panic or hang.
//  6. A partition or inheriting table holds the columns alone that its block states; [Position.Stated] tells an argument
//     that is absent from one that says the default.
//
// Decisions:
//
//   - Bodies are read by this package's own small reader over hclsyntax and JSON instead of gohcl structs. Rejected:
//     gohcl. It cannot have one or two labels, hands references to the evaluator, and loses which arguments were stated.
//   - sql("…") evaluates to a value of its own type. Rejected: recognising the call by its syntax, which fails as soon
//     as it comes out of a variable or a condition.
//   - String literals are decoded from the source again where they are not ASCII. Evaluation puts strings into normal
//     form C, and a function body or an enum value that is not would change silently.
//   - Types and literals are normalised here as far as a fixed table goes. A wrong or missing entry costs a question to
//     the engine and never correctness, because whatever differs from the live state is elaborated.
//   - Names of schemas that only SQL text mentions are not checked. The engine reports them, and Ranges leads back to the line.
package hclfile
