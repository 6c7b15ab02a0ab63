-- +goose Up
-- The browser that did what a notice tells of: a mailed link may be used in another than the one that asked for it.
ALTER TABLE deliveries ADD COLUMN browser TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE deliveries DROP COLUMN browser;
