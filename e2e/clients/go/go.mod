module clientproof

go 1.24
