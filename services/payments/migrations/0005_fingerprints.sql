-- The same for every payment method of the same card, and tells nothing of its number.
alter table payment_methods add column fingerprint text;

-- Whether something was paid with it: what was not is forgotten in time, and found without a look at all others.
alter table payment_methods add column used boolean not null default false;
update payment_methods set used = true
    where exists (select 1 from payments where payments.payment_method = payment_methods.id);
create index payment_methods_unused on payment_methods (created_at) where not used;
