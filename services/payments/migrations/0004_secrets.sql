-- What this shop and nobody else knows: random, made when it is first needed.
create table secrets (
    name text primary key,
    value text not null
);

create index payments_of_a_method on payments (payment_method);
create index payment_methods_by_age on payment_methods (created_at);
create index webhooks_by_age on webhooks (received_at);
