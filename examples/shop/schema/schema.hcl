schema "shop" {
  comment = "What is sold, to whom, and what became of it"
}

schema "audit" {
  comment = "Who changed what, and when"
}
