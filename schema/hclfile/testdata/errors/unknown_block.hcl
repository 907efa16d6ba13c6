schema "app" {
}
tabel "x" { # ERROR: Unsupported block
}
