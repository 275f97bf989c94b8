// The tables of a segment: a SQLite file with the whole graph at one revision (the keyframe) and the changes of up to a
// day. Objects have a number `o` per segment; blocks of the keyframe are sorted by id. Each row has a checksum, so damage
// is an error, never another text.

/** What is written. */
export const schemaVersion = 4;
/** What can be read; the second knows no blocks of changes, the third no texts told from those. Another number is another program's: such segments are dropped, and that is said. */
export const readableSchemas: ReadonlySet<number> = new Set([2, 3, schemaVersion]);
/** Incremented when redaction removes more: older segments may contain what must not be kept. */
export const redactionVersion = 1;

/** Objects of the keyframe compressed together. */
export const blockSize = 32;

export const tables = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE word (n INTEGER PRIMARY KEY, text TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE object (o INTEGER PRIMARY KEY, id TEXT NOT NULL, type INTEGER NOT NULL, space INTEGER NOT NULL, block INTEGER, sum INTEGER NOT NULL) STRICT;
CREATE TABLE block (b INTEGER PRIMARY KEY, data BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE linked (t INTEGER PRIMARY KEY, sources BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE version (o INTEGER NOT NULL, r INTEGER NOT NULL, data BLOB, sum INTEGER NOT NULL, PRIMARY KEY (o, r)) STRICT, WITHOUT ROWID;
CREATE TABLE edge (s INTEGER NOT NULL, k INTEGER NOT NULL, t INTEGER NOT NULL, r INTEGER NOT NULL, tail INTEGER, at INTEGER NOT NULL,
  sum INTEGER NOT NULL, PRIMARY KEY (s, k, t, r)) STRICT, WITHOUT ROWID;
CREATE INDEX edge_in ON edge (t);
CREATE TABLE batch (last INTEGER PRIMARY KEY, data BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE standing (r INTEGER PRIMARY KEY, data BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE named (name TEXT NOT NULL, r INTEGER NOT NULL, id TEXT, sum INTEGER NOT NULL, PRIMARY KEY (name, r)) STRICT, WITHOUT ROWID;
CREATE TABLE event (n INTEGER PRIMARY KEY, t INTEGER NOT NULL, target TEXT NOT NULL, data TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX event_of ON event (target);
`;

export type TableName =
  | 'meta'
  | 'word'
  | 'object'
  | 'block'
  | 'linked'
  | 'version'
  | 'edge'
  | 'batch'
  | 'standing'
  | 'named'
  | 'event';

/** What the sum of a row covers, in this order: all that is written. The number of an Event is SQLite's, and only keeps Events apart. */
export const summedColumns: Readonly<Record<TableName, readonly string[]>> = {
  meta: ['name', 'value'],
  word: ['n', 'text'],
  object: ['o', 'id', 'type', 'space', 'block'],
  block: ['b', 'data'],
  linked: ['t', 'sources'],
  version: ['o', 'r', 'data'],
  edge: ['s', 'k', 't', 'r', 'tail', 'at'],
  batch: ['last', 'data'],
  standing: ['r', 'data'],
  named: ['name', 'r', 'id'],
  event: ['t', 'target', 'data'],
};
