-- What it cost before, in minor units; null where that is not told.
alter table prices add column compare_at bigint;
