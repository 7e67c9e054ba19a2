"""A copy of all agreements in SQLite, which stays right whatever stops in between.

It begins with an export of the whole list, and then follows the feed of changes. What a page says and the place where
it ends are put down in one transaction, so whoever is killed, the mirror or the server, goes on where it was.

    REMIT_URL=http://127.0.0.1:8080 REMIT_TOKEN=... python mirror.py agreements.db
"""

import json
import os
import sqlite3
import sys
import time

import requests
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.requests import RequestsHTTPTransport

AGREEMENT = """
  id number title status revision
  client { code name }
  terms { version effectiveFrom effectiveUntil services { clause service { code } } obligations { code state } }
"""

EXPORT = "query ($query: String!) { bulkExport(input: { query: $query }) { url } }"

# An agreement is another one when its terms or how its obligations stand are, too.
CHANGES = """
query ($after: String!) {
  changes(first: 100, after: $after, types: [AGREEMENT, TERMS, OBLIGATION], wait: "PT20S") {
    nodes { agreementId }
    pageInfo { endCursor }
  }
}
"""

NODES = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Agreement {{ {AGREEMENT} }} }} }}"

# How long the server may take: longer than it waits for something new.
PATIENCE = 60
# How many lines of an export are put down at once.
BATCH = 100


class Mirror:
    """The copy, and how far it has come."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS agreement (id TEXT PRIMARY KEY, number TEXT NOT NULL, body TEXT NOT NULL);
            -- exported: the last cursor of an export that is not whole; null: it is.
            -- feed: the place from which to follow what changes.
            CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), exported TEXT, feed TEXT NOT NULL);
            """
        )

    def place(self):
        """How far the export has come and the place in the feed; None before there is one."""
        return self.database.execute("SELECT exported, feed FROM place").fetchone()

    def put(self, agreements, gone, exported, feed):
        """Puts agreements down, takes others out, and says how far this was: all of it or nothing."""
        with self.transaction():
            for body in agreements:
                self.database.execute(
                    "INSERT INTO agreement VALUES (:id, :number, :body) ON CONFLICT (id) DO UPDATE SET body = :body",
                    {"id": body["id"], "number": body["number"], "body": json.dumps(body, sort_keys=True)},
                )
            self.database.executemany("DELETE FROM agreement WHERE id = ?", [(id,) for id in gone])
            self.database.execute("INSERT OR REPLACE INTO place VALUES (1, ?, ?)", (exported, feed))

    def clear(self):
        """Forgets everything."""
        with self.transaction():
            self.database.execute("DELETE FROM agreement")
            self.database.execute("DELETE FROM place")

    def transaction(self):
        """All or nothing. SQLite takes back by itself what was begun by a process that was killed."""
        self.database.execute("BEGIN IMMEDIATE")
        return self.database


class Remit:
    """The server."""

    def __init__(self, url, token):
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}
        self.client = Client(
            transport=RequestsHTTPTransport(url=f"{url}/graphql", headers=self.headers, timeout=PATIENCE)
        )

    def ask(self, document, **variables):
        """The data of an answer."""
        return self.client.execute(GraphQLRequest(document, variable_values=variables))

    def export(self, query, after):
        """The lines of a whole list, or of what is behind a cursor; Cut when it ends too early."""
        url = self.url + self.ask(EXPORT, query=query)["bulkExport"]["url"]
        parameters = {"after": after} if after else {}
        with requests.get(url, parameters, headers=self.headers, stream=True, timeout=PATIENCE) as response:
            response.raise_for_status()
            for line in response.iter_lines():
                said = json.loads(line)
                if said == {"end": True}:
                    return
                if "errors" in said:
                    raise (Cut if passes(said["errors"]) else Refused)(said["errors"][0]["message"])
                yield said
        raise Cut("the connection was closed")


class Cut(Exception):
    """An export that is not whole; the rest can be had."""


class Refused(Exception):
    """Something that the token may not see, or that the server does not know: trying again is no use."""


def passes(errors):
    """Whether what is wrong may be right the next time."""
    return errors[0].get("extensions", {}).get("code") in ("UNAVAILABLE", "TIMEOUT", "RATE_LIMITED", "INTERNAL")


def load(remit, mirror):
    """Brings the whole list in, going on where it was cut."""
    exported, feed = mirror.place() or (None, None)
    say(f"going on with the export behind {exported}" if exported else "exporting from the beginning")
    batch = []
    for line in remit.export(f"{{ agreements {{ nodes {{ {AGREEMENT} }} }} }}", exported):
        if "changes" in line:
            feed = line["changes"]
            continue
        batch.append(line["node"])
        exported = line["cursor"]
        if len(batch) == BATCH:
            mirror.put(batch, [], exported, feed)
            batch = []
    mirror.put(batch, [], None, feed)


def follow(remit, mirror):
    """Puts down what changes, for ever."""
    _, place = mirror.place()
    say(f"following from {place}")
    while True:
        page = remit.ask(CHANGES, after=place)["changes"]
        if not page["nodes"]:
            continue
        ids = sorted({change["agreementId"] for change in page["nodes"]})
        found = remit.ask(NODES, ids=ids)["nodes"]
        gone = [id for id, body in zip(ids, found) if body is None]
        place = page["pageInfo"]["endCursor"]
        mirror.put([body for body in found if body], gone, None, place)


def main(path):
    """Keeps the mirror until it is stopped."""
    mirror = Mirror(path)
    remit = Remit(os.environ["REMIT_URL"], os.environ["REMIT_TOKEN"])
    while True:
        try:
            place = mirror.place()
            if place is None or place[0] is not None:
                load(remit, mirror)
            follow(remit, mirror)
        except TransportQueryError as refused:
            if refused.errors[0].get("extensions", {}).get("code") == "CURSOR_EXPIRED":
                say("away for too long: beginning anew")
                mirror.clear()
            elif not passes(refused.errors):
                raise
            time.sleep(1)
        except (TransportError, requests.RequestException, Cut) as lost:
            if getattr(lost, "code", None) == 401:
                raise
            # The server is away, or was when it mattered. What is put down stays; go on from there.
            say(f"trying again: {lost}")
            time.sleep(0.2)


def say(text):
    """Tells whoever watches."""
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
