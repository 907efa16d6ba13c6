package hclfile

// notBuilt are words of the language for which this pleat has no model yet, each with what to do instead: naming them beats "unsupported".
var notBuilt = map[string]string{
	"aggregate": byHand, "range": byHand, "collation": byHand, "cast": byHand, "operator": byHand, "operator_class": byHand,
	"operator_family": byHand, "event_trigger": byHand, "rule": byHand, "statistics": byHand, "publication": byHand, "subscription": byHand,
	"text_search_configuration": byHand, "text_search_dictionary": byHand, "text_search_parser": byHand, "text_search_template": byHand,
	"foreign_data_wrapper": byHand, "server": byHand, "foreign_table": byHand, "user_mapping": byHand, "language": byHand,
	"access_method": byHand, "transform": byHand, "conversion": byHand,
	"role": byCluster, "user": byCluster, "membership": byCluster,
	"permission": byGrant, "default_permission": byGrant, "grant": byGrant,
	"owner":  "Owners stay as they are in the database; what pleat creates belongs to the role that it runs as (role in pleat.hcl).",
	"data":   "Rows go into a migration: write the INSERT into a file that `pleat new` makes.",
	"output": "There is nothing that would read outputs.",
}

const (
	byHand    = "Write the CREATE statement into a migration of its own, which `pleat new` makes: what the database has of this kind is listed as unmanaged and left alone."
	byCluster = "Roles belong to the cluster, which has other databases too: create them outside. A policy names one by role.name or a string, without a block for it."
	byGrant   = "Write the GRANT into a migration of its own, which `pleat new` makes: what rights the database has stay as they are."
)

// elsewhere are blocks that other tools' project files have, which may lie beside the schema files, with where the same stands here.
var elsewhere = map[string]string{
	"env": projectWord, "atlas": projectWord, "lint": projectWord, "diff": projectWord, "migration": projectWord, "docker": projectWord,
	"predicate": projectWord, "test": "Tests of a schema are SQL that runs against a database, and no part of it.",
}

const projectWord = "It belongs into a project file. That is pleat.hcl here, which says some things otherwise: a docs page for those who come from other tools has both side by side."

// ofOthers are arguments of schema files for other databases, with what PostgreSQL has in their place.
var ofOthers = map[string]string{
	"unsigned":       "PostgreSQL has no unsigned integers: take the next larger type, or a check block with expr = \"COLUMN >= 0\".",
	"auto_increment": "PostgreSQL counts by identity { generated = BY_DEFAULT } in the column.",
	"on_update":      "PostgreSQL has no ON UPDATE of columns: a trigger does that.",
	"charset":        "PostgreSQL has one encoding for a database; it is set when the database is created.",
	"engine":         "A table's storage is its access_method.",
	"concurrently":   "Nothing has to be said for it: an index on a table that is there is built CONCURRENTLY.",
	"for_each":       "It stands in blocks that have a label.",
}

// refusal is what to say of a word that is not built; labelled tells a data source from rows.
func refusal(word string, labelled bool) string {
	advice := notBuilt[word]
	if word == "data" && labelled {
		advice = "Values come from variables, whose values pleat.hcl, the command line and the environment give."
	}
	return "This version of pleat does not manage this. Take it out, so that nobody believes it is in force. " + advice
}
