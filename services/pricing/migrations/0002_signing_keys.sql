-- The keys that sign quotes, or have signed quotes that still hold: by the name of their public half. The one of before moves
-- here when pricing starts.
create table signing_keys (
    kid text primary key,
    pkcs8 text not null,
    created_at timestamptz not null
);
