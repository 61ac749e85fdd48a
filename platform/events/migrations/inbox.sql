-- Which events a consumer has taken: recorded in the transaction of their effect.
create table inbox (
    consumer text not null,
    event uuid not null,
    taken_at timestamptz not null,
    primary key (consumer, event)
);

create index inbox_by_time on inbox (taken_at);

-- How far a consumer has read the feed of a source, and which replica reads it now.
create table cursors (
    consumer text not null,
    source text not null,
    last_event uuid,
    fence bigint not null,
    leased_until timestamptz,
    primary key (consumer, source)
);

-- What a consumer could not take, and what came after it with the same subject.
create table parked (
    -- The event's
    id uuid not null,
    consumer text not null,
    subject text not null,
    -- Among the parked events of one subject, which comes first
    turn bigint not null,
    event jsonb not null,
    error text not null,
    -- 0 where it was never tried, because it waits for an earlier one
    tries bigint not null,
    parked_at timestamptz not null,
    primary key (consumer, id),
    unique (consumer, subject, turn)
);
