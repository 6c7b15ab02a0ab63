package storetest

import (
	"testing"

	"latchkey/internal/recovery"
)

// Run tests the contract. Open returns an empty, migrated store and sees to its end by t.Cleanup; it is
// called once for each test.
func Run(t *testing.T, open func(t *testing.T) recovery.Store) {
	for _, group := range []map[string]func(*kit){
		updateTests, sessionTests, proofTests, caseTests, recordTests, challengeTests, deliveryTests,
		leaseTests, finishTests, limitTests, sealTests, concurrencyTests, sweepTests, eraseTests,
		identityTests, outcomeTests, deskTests, agentTests,
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) { test(newKit(t, open(t))) })
		}
	}
}
