-- Who else wants to hear of orders. Each is a reader of the outbox with a place of its own, so nothing has to be
-- written for it when something happens.
create table webhooks (
    id uuid primary key,
    url text not null,
    -- The types it wants; empty: all.
    types jsonb not null,
    secret text not null,
    -- The number of the last event that it has taken.
    position bigint not null,
    -- Failures in a row, and since when.
    tries bigint not null,
    failing_since timestamptz,
    disabled_at timestamptz,
    due_at timestamptz not null,
    leased_until timestamptz not null,
    fence bigint not null,
    created_at timestamptz not null
);

create index webhooks_due on webhooks (due_at) where disabled_at is null;
