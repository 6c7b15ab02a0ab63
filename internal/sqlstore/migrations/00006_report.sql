-- +goose Up
-- The situation that a case was explained by first, so that a report need not read every finding.
ALTER TABLE cases ADD COLUMN situation TEXT NOT NULL DEFAULT '';
UPDATE cases SET situation = COALESCE((
    SELECT f.situation FROM found f WHERE f.case_id = cases.id ORDER BY f.at, f.seq LIMIT 1
), '') WHERE explained_at <> 0;

-- Browsers that opened a mailed link without having asked for it, and have not pressed its button.
ALTER TABLE cases ADD COLUMN unpressed BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE cases DROP COLUMN unpressed;
ALTER TABLE cases DROP COLUMN situation;
