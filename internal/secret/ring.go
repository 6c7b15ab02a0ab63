package secret

type Ring struct{}
