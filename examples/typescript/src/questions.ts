// What the page asks. `npm run build` makes the types of variables and answers from the schema.
import { graphql } from './remit/index.js';

export const PROMISED = graphql(`
  query Promised($from: DateTime!, $to: DateTime!) {
    viewer { client { name timeZone } }
    agreements(first: 20) {
      nodes {
        number
        title
        status
        currentTerm { endsOn }
        terms {
          effectiveFrom
          services { clause service { name } note }
          exclusions { clause title reason }
          tier { name targets { priority milestone within businessDays strength } }
          recovery { clause scenario fixWithin }
          backups { clause subject every }
          obligations { clause title standard state }
        }
        slaReport(from: $from, to: $to) {
          lines { priority milestone met breached running targetPercent attainmentPercent }
        }
      }
    }
  }
`);

export const OPEN_TICKETS = graphql(`
  query OpenTickets($dueBefore: DateTime!) {
    tickets(first: 50, filter: { dueBefore: $dueBefore }) {
      nodes { title priority openedAt clocks { milestone state due remaining } }
    }
  }
`);
