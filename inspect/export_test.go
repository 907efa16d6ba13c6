package inspect

// ForVersion lets scripts of the tests mark what older servers lack as the queries do.
var ForVersion = forVersion
