-- name: ForgetAuditOfAddress :exec
UPDATE audit SET address_hash = '', detail = '' WHERE address_hash = $1 AND address_hash <> '';

-- name: ForgetAuditOfDoomed :exec
UPDATE audit SET address_hash = '', detail = ''
WHERE reference IN (SELECT c.reference FROM cases c WHERE c.id IN (SELECT x.case_id FROM doomed x));

-- name: DeleteDeliveriesToAddress :exec
DELETE FROM deliveries WHERE notice_id <> ''
    AND notice_id IN (SELECT n.id FROM other_notices n WHERE n.address_hash = $1);

-- name: DeleteNoticesToAddress :exec
DELETE FROM other_notices WHERE address_hash = $1;

-- name: DeleteProofsOfAddress :exec
DELETE FROM proofs WHERE address_hash = $1;

-- name: DeleteIdentityProofsOfEmail :exec
DELETE FROM identity_proofs WHERE email_hash = $1 AND email_hash <> '';

-- What a link said goes with the address that it named.

-- name: ForgetPrefills :exec
UPDATE sessions SET prefill = '', arrival = '' WHERE prefill <> '';
