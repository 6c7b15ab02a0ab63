-- +goose Up
-- Sessions of support agents on the console. who is '' until the agent has signed in; way is the hash of what
-- the sign-in stood on (the token, or the issuer and its groups), so that a session ends with it; sought is the
-- hash of the address looked for last.
CREATE TABLE agent_sessions (
    id_hash    TEXT   NOT NULL PRIMARY KEY,
    who        TEXT   NOT NULL,
    way        TEXT   NOT NULL,
    key_id     TEXT   NOT NULL,
    request_id TEXT   NOT NULL, -- a sign-in at the provider under way; '' for none
    back       TEXT   NOT NULL, -- the reference of the case to go to after it; '' for none
    sought     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX agent_sessions_expiry ON agent_sessions (expires_at);
CREATE INDEX agent_sessions_sought ON agent_sessions (sought) WHERE sought <> '';

-- What agents did, newest first, is read of many more rows of what customers did.
CREATE INDEX audit_actor ON audit (at, seq) WHERE actor <> '';

-- +goose Down
DROP INDEX audit_actor;
DROP TABLE agent_sessions;
