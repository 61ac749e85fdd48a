-- No card numbers and no codes: the provider's token stands for the card.
create table payment_methods (
    id text primary key,
    brand text not null,
    last4 text not null,
    token text not null,
    created_at timestamptz not null
);

create table payments (
    id uuid primary key,
    idempotency_key text not null unique,
    order_id uuid not null,
    payment_method text not null references payment_methods (id),
    amount bigint not null check (amount > 0),
    currency text not null,
    status text not null,
    -- What the provider was asked for and has not confirmed yet: capture or void.
    intent text,
    -- The provider's name for the money it holds back.
    authorisation text,
    -- Why there is none.
    declined text,
    created_at timestamptz not null
);

-- An order has one live payment at most.
create unique index payments_live on payments (order_id) where status in ('pending', 'authorised', 'captured');
