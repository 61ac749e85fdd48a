-- Number of attempts to handle the event: 0 if it was not attempted because it waits for an earlier one.
alter table parked rename column tries to attempts;
