create table orders (
    id uuid primary key,
    number text not null unique,
    status text not null,
    email text not null,
    address jsonb not null,
    lines jsonb not null,
    shipping jsonb not null,
    currency text not null,
    subtotal bigint not null,
    tax bigint not null,
    total bigint not null,
    cart uuid,
    payment_method text not null,
    reservation uuid,
    held_until timestamptz,
    payment uuid,
    -- What the shopper was told where it came to nothing: told again when asked again.
    refusal jsonb,
    -- Whether there is something left to do.
    open boolean not null,
    -- Until when somebody is at it.
    leased_until timestamptz not null,
    placed_at timestamptz not null
);

-- What has been left: the question of whoever takes it up.
create index orders_left on orders (leased_until) where open;

-- The answer to a key is the id of its order.
create table idempotency (
    key text primary key,
    fingerprint text not null,
    answer jsonb not null,
    created_at timestamptz not null
);
