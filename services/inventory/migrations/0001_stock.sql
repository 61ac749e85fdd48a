create table stock (
    sku text primary key,
    on_hand bigint not null,
    reserved bigint not null,
    -- The last line of defence against selling what is not there.
    check (reserved >= 0 and reserved <= on_hand)
);

create table reservations (
    id uuid primary key,
    order_id uuid not null,
    status text not null,
    lines jsonb not null,
    expires_at timestamptz not null,
    created_at timestamptz not null
);

-- The lines of reservations that are held, and of no others: the question what has lapsed stays cheap
-- however long the history grows.
create table holds (
    sku text not null references stock (sku),
    reservation uuid not null references reservations (id),
    quantity bigint not null,
    expires_at timestamptz not null,
    primary key (sku, reservation)
);

create index holds_by_expiry on holds (sku, expires_at);
create index holds_by_reservation on holds (reservation);

create table idempotency (
    key text primary key,
    fingerprint text not null,
    answer jsonb not null,
    created_at timestamptz not null
);
