-- Where the units are. Their sum is in `stock`, whose row is what writers of one SKU wait for.
create table shelves (
    sku text not null references stock (sku),
    location text not null,
    on_hand bigint not null,
    reserved bigint not null,
    -- What was there when the ledger began; it has no movements from before.
    opening_on_hand bigint not null default 0,
    opening_reserved bigint not null default 0,
    primary key (sku, location),
    check (reserved >= 0 and reserved <= on_hand)
);

insert into shelves (sku, location, on_hand, reserved, opening_on_hand, opening_reserved)
select sku, 'main', on_hand, reserved, on_hand, reserved from stock;

-- What reservations hold that are held, and no others: the question what has lapsed stays cheap
-- however long the history grows.
create table allocations (
    reservation uuid not null references reservations (id),
    sku text not null,
    location text not null,
    quantity bigint not null,
    expires_at timestamptz not null,
    primary key (reservation, sku, location),
    foreign key (sku, location) references shelves (sku, location)
);

insert into allocations (reservation, sku, location, quantity, expires_at)
select reservation, sku, 'main', quantity, expires_at from holds;

drop table holds;

create index allocations_by_expiry on allocations (expires_at, sku);

-- Where the order wants its units from; null where that is all the same to it.
alter table reservations add column location text;
-- Null in those from before there were locations: all of them at `main`.
alter table reservations add column allocations jsonb;

-- The ledger: every change of what is on hand or reserved, and nothing is ever changed in it.
create table movements (
    id uuid primary key,
    sku text not null,
    location text not null,
    kind text not null,
    -- By how much, up or down
    on_hand bigint not null,
    reserved bigint not null,
    order_id uuid,
    reservation uuid,
    moved_at timestamptz not null,
    foreign key (sku, location) references shelves (sku, location)
);

create index movements_by_sku on movements (sku, id);
create index movements_by_order on movements (order_id, id);

create table restocks (
    id uuid primary key,
    order_id uuid not null,
    location text not null,
    lines jsonb not null,
    reason text not null,
    created_at timestamptz not null
);
