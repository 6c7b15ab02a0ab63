package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

var sealTests = map[string]func(*kit){
	"PutSeal/each once, the first first": sealsKept,
}

func sealsKept(k *kit) {
	at := func(i int) time.Time { return now.Add(time.Duration(i) * time.Second) }
	for i, seal := range []string{"b", "a", "b"} {
		k.write(func(tx recovery.Tx) error { return tx.PutSeal(k.ctx, seal, at(i)) })
	}
	k.equal("seals", got[[]string](k)(k.Seals(k.ctx)), []string{"b", "a"})
}
