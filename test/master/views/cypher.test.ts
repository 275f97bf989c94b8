import { highlightSyntax, lintCypherQuery, parseStatementsStrs } from '@neo4j-cypher/language-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cypher } from '../../../master/views/cypher.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { graphOf, relation, resource, shopGraph } from '../../support/shop-graph.ts';
import { viewCases } from '../../support/view-cases.ts';

/** Errors of grammar or meaning according to Neo4j's checker. */
function errorsOf(script: string): string[] {
  return lintCypherQuery(script, {})
    .diagnostics.filter(({ severity }) => severity === 1)
    .map(({ message }) => String(message));
}

/**
 * String literals by Neo4j's lexer, unescaped as https://neo4j.com/docs/cypher-manual/current/syntax/expressions says. It
 * places tokens by characters and measures them by code units, and drops what seems to overlap then: characters of two units
 * are handed to it escaped, which says the same.
 */
function literalsOf(script: string): string[] {
  const escaped = script.replace(/[\ud800-\udfff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
  const tokens = highlightSyntax(escaped).filter(({ tokenType }) => String(tokenType) === 'stringLiteral');
  return tokens.map(({ token }) =>
    token.slice(1, -1).replace(/\\(u([0-9a-fA-F]{4})|.)/g, (_, one: string, code?: string) => {
      return code ? String.fromCharCode(Number.parseInt(code, 16)) : one;
    }),
  );
}

viewCases(cypher, {
  runs: 8,
  readBack(text) {
    // One row per line, in statements that merge nodes or edges.
    const counts = { resources: 0, relations: 0 };
    for (const statement of parseStatementsStrs(text)) {
      const rows = statement.split('\n').filter((line) => line.startsWith('{')).length;
      if (/\] AS edge\n/.test(statement)) counts.relations += rows;
      else counts.resources += rows;
    }
    return counts;
  },
});

describe('the graph as a Cypher script', () => {
  it('has nothing that Neo4j would refuse, whatever the names are', async () => {
    const graphs = fc.sample(hostileGraph, { numRuns: 5, seed: 11 });
    for (const graph of [shopGraph(), graphOf([]), ...graphs])
      expect(errorsOf(await textOf(cypher, graph))).toEqual([]);
  });

  it('is seen to be wrong by the same checker once a quote is lost', async () => {
    expect(errorsOf((await textOf(cypher, shopGraph())).replace("'Pod:shop", 'Pod:shop'))).not.toEqual([]);
  });

  it('holds every id, type and end as it is, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async ({ resources, relations, ...rest }) => {
        const found = new Set(literalsOf(await textOf(cypher, { ...rest, resources, relations })));
        const said = [
          ...resources.flatMap(({ id, type }) => [id, type]),
          ...relations.flatMap(({ type, source }) => [type, source]),
        ];
        expect(said.map((text) => text.toWellFormed()).filter((text) => !found.has(text))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('holds names of characters that take two units', async () => {
    const ids = [`Pod:${'𐀀'.repeat(40)}`, `Pod:\\${'𐀀'}'${'🐢'.repeat(40)}`];
    const found = literalsOf(await textOf(cypher, graphOf(ids.map((id) => resource(id)))));
    expect(found).toEqual(expect.arrayContaining([...ids, 'Pod']));
  });

  it('is a row of MERGE statements behind one constraint, so that it can be run again', async () => {
    const [first, ...rest] = parseStatementsStrs(await textOf(cypher, shopGraph())).map((statement) =>
      statement.trim(),
    );
    expect(first).toContain('CREATE CONSTRAINT resource_id IF NOT EXISTS');
    const statements = rest.filter((statement) => statement !== '');
    expect(statements.length).toBeGreaterThan(20);
    for (const statement of statements) {
      expect(statement).toMatch(/^UNWIND \[\n/);
      expect(statement).toMatch(/\nMERGE /);
      expect(statement).not.toMatch(/\nCREATE /);
    }
  });

  it('never holds more than 200 rows in a statement, and loses none', async () => {
    const pods = Array.from({ length: 450 }, (_, i) => resource(`Pod:shop/p${String(i).padStart(3, '0')}`));
    const links = pods.slice(1).map(({ id }) => relation('Pod:shop/p000', 'uses', id));
    const statements = parseStatementsStrs(await textOf(cypher, graphOf(pods, links)));
    const rows = statements.map((statement) => statement.split('\n').filter((line) => line.startsWith('{')).length);
    expect(rows.filter((count) => count > 0)).toEqual([200, 200, 50, 200, 200, 49]);
  });

  it('keeps booleans and numbers as what they are, and leaves out what is not said', async () => {
    const graph = graphOf(
      [resource('Pod:a/x', { missing: true }), resource('Pod:a/y')],
      [relation('Pod:a/x', 'uses', 'Pod:a/y', { weight: 2, odd: Number.NaN })],
    );
    const script = await textOf(cypher, graph);
    expect(script).toContain('`missing`: true}');
    expect(script.match(/`missing`/g)).toHaveLength(1);
    expect(script).toContain('`weight`: 2');
    expect(script).toContain('`odd`: null');
  });
});
