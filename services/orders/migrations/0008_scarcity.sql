-- Which client asks, for as long as there is something left to do.
alter table orders add column client text;

create index orders_of_a_client on orders (client) where open;

-- Orders that came to nothing at a bank, for a day: one that declines (declined), or that asked and was not answered
-- (unanswered). So many of them are too many.
create table tries (
    order_id uuid primary key,
    outcome text not null,
    quote uuid,
    cart uuid,
    client text,
    tried_at timestamptz not null
);

create index tries_of_a_quote on tries (quote, tried_at);
create index tries_of_a_cart on tries (cart, tried_at);
create index tries_of_a_client on tries (client, tried_at);
create index tries_by_age on tries (tried_at);

create index idempotency_by_age on idempotency (created_at);
