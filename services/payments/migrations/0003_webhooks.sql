-- What providers told of their own accord, written down in the transaction of its effect: told again, it changes nothing.
create table webhooks (
    provider text not null,
    id text not null,
    payment_id uuid not null references payments (id),
    received_at timestamptz not null,
    primary key (provider, id)
);
