-- Time entries and their charges; those of the months before are of closed periods.
create temp table entry_no on commit drop as
select g.n, m.agreement_id, m.client_id, m.terms_id, e.id as like_id, pg_temp.made(6, g.n) as id, pg_temp.made(7, g.n) as charge_id,
  pg_temp.weeks(g.n / (pg_temp.setting('agreements') * e.places)) as earlier
from generate_series(1, pg_temp.setting('entries')) g(n)
join agreement_no m on m.n = g.n % pg_temp.setting('agreements') + 1
join entry_like e on e.agreement_id = m.of_agreement and e.place = g.n / pg_temp.setting('agreements') % e.places;

insert into time_entry
select r.* from entry_no m join time_entry e on e.id = m.like_id,
  lateral (select e.started_at - m.earlier as started_at, e.ended_at - m.earlier as ended_at) o,
  lateral jsonb_populate_record(e, jsonb_build_object(
    'id', m.id, 'external_id', 'E' || m.n, 'technician', 'tech-' || m.n % 200, 'agreement_id', m.agreement_id, 'client_id', m.client_id, 'started_at', o.started_at,
    'ended_at', o.ended_at, 'month', pg_temp.month(o.started_at),
    'segments', replace(replace(e.segments, pg_temp.rfc3339(e.started_at), pg_temp.rfc3339(o.started_at)),
      pg_temp.rfc3339(e.ended_at), pg_temp.rfc3339(o.ended_at)))) r;
insert into charge
select r.* from entry_no m join charge_like c on c.time_entry_id = m.like_id,
  lateral (select c.from_at - m.earlier as from_at, pg_temp.month(c.from_at - m.earlier) as month) o,
  lateral jsonb_populate_record(null::charge, to_jsonb(c) || jsonb_build_object(
    'id', m.charge_id, 'time_entry_id', m.id, 'agreement_id', m.agreement_id, 'client_id', m.client_id, 'terms_id', m.terms_id,
    'month', o.month, 'for_month', o.month, 'status', case when o.month < c.month then 'FINAL' else c.status end, 'from_at', o.from_at, 'to_at', c.to_at - m.earlier,
    -- As Remit writes it: the month, the instant counted from 1900, the id.
    'place', lpad(o.month::text, 6, '0') || lpad((o.from_at + 2208988800000000)::text, 19, '0') || replace(m.charge_id::text, '-', ''))) r;
