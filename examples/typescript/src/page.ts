// The page as HTML. Everything that comes from elsewhere goes through `html`, which makes text of it.
import type { OpenTicketsQuery, PromisedQuery } from './remit/graphql.js';

type Agreement = PromisedQuery['agreements']['nodes'][number];
type Ticket = OpenTicketsQuery['tickets']['nodes'][number];

class Html {
  constructor(readonly text: string) {}
}

type Part = Html | Html[] | string | number | null | undefined;

function html(parts: TemplateStringsArray, ...values: Part[]): Html {
  const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const show = (value: Part): string => {
    if (value instanceof Html) return value.text;
    if (Array.isArray(value)) return value.map(show).join('');
    return escape(String(value ?? ''));
  };
  return new Html(parts.reduce((text, part, place) => text + show(values[place - 1]) + part));
}

export function page(promised: PromisedQuery, { tickets }: OpenTicketsQuery): string {
  const name = promised.viewer.client?.name ?? 'Nobody';
  const content = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>What we promised ${name}</title>
<style>body { font: 16px sans-serif; max-width: 60rem; margin: auto } td, th { text-align: left; padding-right: 1rem }</style>
<h1>What we promised ${name}, and how it is going</h1>
${promised.agreements.nodes.map(agreement)}
<h2>Open tickets</h2>
${tickets.nodes.length === 0 ? html`<p>None has a clock that runs.</p>` : tickets.nodes.map(ticket)}
</html>
`;
  return content.text;
}

// What is said of an agreement of which no terms are in force.
const WITHOUT_TERMS: Record<Agreement['status'], string> = {
  DRAFT: 'Nothing is agreed yet.',
  OFFERED: 'Nothing is agreed yet.',
  ACTIVE: 'It is agreed, and has not begun yet.',
  SUSPENDED: 'Nothing holds until it is resumed.',
  EXPIRED: 'It has ended.',
  TERMINATED: 'It was ended.',
};

function agreement({ number, title, status, currentTerm, terms, slaReport }: Agreement): Html {
  const until = currentTerm ? `, until ${currentTerm.endsOn}` : ', open-ended';
  const heading = html`<h2>${number}: ${title}</h2>\n<p>${status}${terms ? until : ''}.</p>`;
  if (!terms) return html`${heading}<p>${WITHOUT_TERMS[status]}</p>`;
  return html`${heading}
<h3>What we do</h3>
<ul>${terms.services.map((line) => html`<li>${line.service?.name} <small>${line.clause} ${line.note}</small></li>`)}</ul>
<h3>What we do not</h3>
<ul>${terms.exclusions.map((line) => html`<li>${line.title}: ${line.reason} <small>${line.clause}</small></li>`)}</ul>
<h3>How fast</h3>
<table><tr><th>priority<th>milestone<th>within<th>promised<th>kept<th>so far</tr>
${(terms.tier?.targets ?? []).map((target) => {
  const line = slaReport.lines.find((of) => of.priority === target.priority && of.milestone === target.milestone);
  const within = target.within ?? `${target.businessDays} business days`;
  const kept = line?.attainmentPercent ? `${line.attainmentPercent} %` : 'nothing yet';
  const counts = line ? `${line.met} in time, ${line.breached} late, ${line.running} open` : '';
  return html`<tr><td>${target.priority}<td>${target.milestone}<td>${within}<td>${target.strength}<td>${kept}<td>${counts}</tr>\n`;
})}</table>
<h3>What we mend and save</h3>
<ul>${terms.recovery.map((line) => html`<li>${line.scenario} within ${line.fixWithin} <small>${line.clause}</small></li>`)}
${terms.backups.map((line) => html`<li>${line.subject} every ${line.every} <small>${line.clause}</small></li>`)}</ul>
<h3>What you owe us in return</h3>
<ul>${terms.obligations.map((line) => html`<li>${line.title}: ${line.state}. ${line.standard} <small>${line.clause}</small></li>`)}</ul>
`;
}

function ticket({ title, priority, openedAt, clocks }: Ticket): Html {
  const running = clocks.filter((clock) => clock.state === 'RUNNING' || clock.state === 'PAUSED');
  const says = running.map((clock) => {
    const due = clock.due ? `due ${clock.due}` : `held, ${clock.remaining} left`;
    return html`<li>${clock.milestone}: ${due}</li>`;
  });
  return html`<h3>${title}</h3>\n<p>${priority}, opened ${openedAt}</p>\n<ul>${says}</ul>\n`;
}
