-- +goose Up
-- A challenge that was mailed to the address of its case is found by the case. The index holds the others alone,
-- and those of which that is not known: most starts pay for one index less.
ALTER TABLE challenges ADD COLUMN elsewhere BIGINT NOT NULL DEFAULT 1;
DROP INDEX challenges_address;
CREATE INDEX challenges_address ON challenges (address_hash) WHERE elsewhere <> 0;

-- +goose Down
DROP INDEX challenges_address;
CREATE INDEX challenges_address ON challenges (address_hash);
ALTER TABLE challenges DROP COLUMN elsewhere;
