-- Tickets number peers.first to peers.tickets with their clocks.
create temp table ticket_no on commit drop as
select g.n, m.agreement_id, m.client_id, t.id as like_id, pg_temp.made(5, g.n) as id, pg_temp.weeks(g.n / (pg_temp.setting('agreements') * t.places)) as earlier
from generate_series(pg_temp.setting('first'), pg_temp.setting('tickets')) g(n)
join agreement_no m on m.n = g.n % pg_temp.setting('agreements') + 1
join ticket_like t on t.agreement_id = m.of_agreement and t.place = g.n / pg_temp.setting('agreements') % t.places;

insert into ticket
select r.* from ticket_no m join ticket t on t.id = m.like_id, lateral (select t.opened_at - m.earlier as opened_at) o,
  lateral jsonb_populate_record(t, jsonb_build_object(
    'id', m.id, 'external_id', 'T' || m.n, 'agreement_id', m.agreement_id, 'client_id', m.client_id, 'opened_at', o.opened_at,
    -- The opening, and events after 20 minutes and 3 hours.
    'document', replace(replace(replace(t.document, t.opened_at::text, o.opened_at::text),
      (t.opened_at + 1200000000)::text, (o.opened_at + 1200000000)::text),
      (t.opened_at + 10800000000)::text, (o.opened_at + 10800000000)::text))) r;
insert into ticket_clock
select r.* from ticket_no m join clock_like c on c.ticket_id = m.like_id,
  lateral jsonb_populate_record(null::ticket_clock, to_jsonb(c) || jsonb_build_object(
    'ticket_id', m.id, 'agreement_id', m.agreement_id, 'client_id', m.client_id, 'opened_at', c.opened_at - m.earlier, 'due', c.due - m.earlier,
    'span_from', c.span_from - m.earlier, 'ended_at', c.ended_at - m.earlier, 'stopped_at', c.stopped_at - m.earlier)) r;
