-- What is looked for stands in columns, the rest in `state` and `body`, as JSON.
create table sessions (
    id text primary key,
    status text not null,
    expires_at bigint not null,
    state text not null
);
create index sessions_open on sessions (expires_at) where status = 'open';

create table intents (
    number integer primary key,
    id text not null unique,
    state text not null
);

create table refunds (
    number integer primary key,
    id text not null unique,
    intent text not null,
    -- When a refund that had succeeded fails.
    fails_at bigint,
    state text not null
);
create index refunds_intent on refunds (intent);
create index refunds_failing on refunds (fails_at) where fails_at is not null;

create table events (
    number integer primary key,
    id text not null unique,
    type text not null,
    body text not null,
    created_ms bigint not null,
    is_sent boolean not null default false
);
create index events_waiting on events (number) where not is_sent;

create table requests (
    number integer primary key,
    method text not null,
    path text not null,
    params text not null,
    status bigint not null,
    answer text not null
);

create table idempotency_keys (
    key text primary key,
    path text not null,
    params text not null,
    request text not null,
    status bigint not null,
    answer text not null,
    created_at bigint not null
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table behaviour (
    name text primary key,
    value text not null
);
