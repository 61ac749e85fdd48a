create table outbox (
    id uuid primary key,
    -- Null until numbered, then never changed: 1, 2, 3, … in an order in which whoever reads sees no gap.
    position bigint unique,
    -- Among the events that wait for their number, which comes first: whoever writes goes behind all that it sees.
    turn bigint not null,
    event jsonb not null,
    created_at timestamptz not null
);

create index outbox_unnumbered on outbox (turn) where position is null;

-- The last number given. Its row's lock is what makes numbering one at a time.
create table outbox_head (
    id bigint primary key check (id = 1),
    position bigint not null
);

insert into outbox_head (id, position) values (1, 0);

-- How far the relay to a broker is, and which replica is the relay now.
create table outbox_relay (
    id bigint primary key check (id = 1),
    position bigint not null,
    fence bigint not null,
    leased_until timestamptz
);

insert into outbox_relay (id, position, fence) values (1, 0, 0);
