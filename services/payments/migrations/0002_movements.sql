-- Where a movement's money comes from and how much of it: the payment's totals, which its movements must add up to.
alter table payments add column authorised bigint not null default 0
    check (authorised >= 0 and authorised <= amount);
alter table payments add column captured bigint not null default 0
    check (captured >= 0 and captured <= authorised);
alter table payments add column refunded bigint not null default 0
    check (refunded >= 0 and refunded <= captured);

-- Where the shopper goes to answer their bank, and where they come back to.
alter table payments add column action text;
alter table payments add column return_url text;

update payments set authorised = amount where status in ('authorised', 'captured', 'voided');
update payments set captured = amount where status = 'captured';
-- The only provider so far needs no name to know a payment again.
update payments set authorisation = 'test' where authorisation is null;

-- A refunded order has been paid, too: nobody is charged for it again.
drop index payments_live;
create unique index payments_live on payments (order_id)
    where status in ('pending', 'requires_action', 'authorised', 'captured', 'refunded');
create index payments_order on payments (order_id);
create index payments_authorisation on payments (authorisation);

-- Whatever was asked of the provider or heard from it, each once. What is pending is asked for again until it is known.
create table payment_movements (
    payment_id uuid not null references payments (id),
    number bigint not null,
    kind text not null,
    amount bigint not null check (amount >= 0),
    progress text not null,
    -- Why there is none.
    reason text,
    -- A refund's own name, and the key and the wish that it was asked for with.
    refund uuid unique,
    idempotency_key text,
    wish text,
    -- Until when somebody is at it, when the worker looks at it, and how often it was taken up.
    leased_until timestamptz not null,
    due_at timestamptz not null,
    tries bigint not null default 0,
    created_at timestamptz not null,
    settled_at timestamptz,
    primary key (payment_id, number)
);

create unique index payment_movements_key on payment_movements (payment_id, idempotency_key);
create index payment_movements_due on payment_movements (due_at) where progress = 'pending';

insert into payment_movements (payment_id, number, kind, amount, progress, leased_until, due_at, created_at, settled_at)
    select id, 1, 'authorise', amount,
        case status when 'pending' then 'pending' when 'declined' then 'refused' else 'done' end,
        created_at, created_at, created_at, case status when 'pending' then null else created_at end
    from payments;
insert into payment_movements (payment_id, number, kind, amount, progress, leased_until, due_at, created_at, settled_at)
    select id, 2, case status when 'captured' then 'capture' else 'void' end, amount, 'done',
        created_at, created_at, created_at, created_at
    from payments where status in ('captured', 'voided');
insert into payment_movements (payment_id, number, kind, amount, progress, leased_until, due_at, created_at)
    select id, 2, intent, amount, 'pending', created_at, created_at, created_at
    from payments where status = 'authorised' and intent is not null;
alter table payments drop column intent;
