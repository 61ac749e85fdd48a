-- Which card pays, by its fingerprint: while there is something left to do, and for a day of what came to nothing at a bank.
alter table orders add column card text;
alter table tries add column card text;

create index orders_of_a_card on orders (card) where open;
create index tries_of_a_card on tries (card, tried_at);

-- Fingerprints of before are whole requests, until the sweep has hashed them.
create index idempotency_unhashed on idempotency (key) where substr(fingerprint, 1, 1) = '{';
