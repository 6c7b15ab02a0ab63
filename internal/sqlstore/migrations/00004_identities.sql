-- +goose Up
-- Sign-ins at the identity provider that a browser was sent to. What finishes one is derived from its id.
CREATE TABLE identity_requests (
    id         TEXT   NOT NULL PRIMARY KEY,
    key_id     TEXT   NOT NULL,
    lineage    TEXT   NOT NULL,
    case_id    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX identity_requests_lineage ON identity_requests (lineage);
CREATE INDEX identity_requests_case ON identity_requests (case_id);
CREATE INDEX identity_requests_expiry ON identity_requests (expires_at);

CREATE TABLE identity_proofs (
    lineage    TEXT   NOT NULL,
    provider   TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    issuer     TEXT   NOT NULL,
    case_id    TEXT   NOT NULL,
    email      TEXT   NOT NULL, -- '' for none, or none that is verified
    email_hash TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    PRIMARY KEY (lineage, provider, subject)
);
CREATE INDEX identity_proofs_case ON identity_proofs (case_id);
CREATE INDEX identity_proofs_email ON identity_proofs (email_hash) WHERE email_hash <> '';
CREATE INDEX identity_proofs_expiry ON identity_proofs (expires_at);

-- +goose Down
DROP TABLE identity_proofs;
DROP TABLE identity_requests;
