-- Fingerprints of before are whole requests, until the sweep has hashed them.
create index idempotency_unhashed on idempotency (key) where substr(fingerprint, 1, 1) = '{';
