import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matrixOf, openPrometheus, type Span } from '../../../../master/sources/prometheus/prometheus.ts';
import { type FakeHttp, json, serve } from '../../../support/fake-http.ts';

const span: Span = { from: 60_000, to: 240_000, step: 60_000 };
const answer = (result: unknown, more: object = {}) =>
  JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, ...more });

describe('an answer with a range', () => {
  test('has one number a step; what is missing, or none, is NaN', () => {
    const values = [[60, '1'], [120, 'NaN'], [180.0004, '3'], [240, '+Inf'], [300, '9'], [0, '9'], ['x', '1'], 7, null];
    const { series, warning } = matrixOf(
      200,
      answer([{ metric: { a: 'b', c: 1 }, values }, null, { metric: 7 }]),
      span,
    );
    expect(series).toEqual([{ labels: { a: 'b' }, values: [1, Number.NaN, 3, Number.NaN] }]);
    expect(warning).toBeUndefined();
  });

  test('of a part of the stores is said', () => {
    const { warning } = matrixOf(200, answer([], { warnings: ['store a is away', 'b'] }), span);
    expect(warning).toBe('store a is away');
  });

  test.each([
    [200, '<html>', 'prometheus_failed', 'but not as a Prometheus does'],
    [200, 'null', 'prometheus_failed', 'but not as a Prometheus does'],
    [200, '{"status":"success","data":{"resultType":"vector","result":[]}}', 'prometheus_failed', 'no matrix'],
    [200, '{"status":"error","error":"x"}', 'prometheus_failed', 'it answers 200: "x"'],
    [503, '{"status":"error","error":"query timed out"}', 'prometheus_failed', 'query timed out'],
    [422, '{"status":"error","error":"too many samples"}', 'prometheus_too_much', 'too many samples'],
    [200, ' '.repeat(8 * 2 ** 20), 'prometheus_too_much', 'larger than 8 MiB'],
  ])('%i %.40s is refused', (status, text, code, message) => {
    expect(() => matrixOf(status, text, span)).toThrow(expect.objectContaining({ code }));
    expect(() => matrixOf(status, text, span)).toThrow(message);
  });

  test('with more series than have room is refused before they take it', () => {
    const wide = { from: 0, to: 10_000 * 60_000, step: 60_000 };
    const many = Array.from({ length: 200 }, () => ({ metric: {}, values: [] }));
    expect(() => matrixOf(200, answer(many), wide)).toThrow('200 series of 10001 numbers');
  });

  test('of any shape is series of the right length, or a failure that is said', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (result) => {
        for (const { values } of matrixOf(200, answer(result), span).series) expect(values).toHaveLength(4);
      }),
      { numRuns: 300 },
    );
  });
});

describe('asking', () => {
  let fake: FakeHttp;
  const bodies: string[] = [];
  beforeAll(async () => {
    fake = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      json(response, JSON.parse(answer([])));
    });
  });
  afterAll(() => fake.close());
  const open = (timeout = 10_000) =>
    openPrometheus({ prometheus: new URL(`${fake.url}/sub/`), credentials: {}, timeout }, new AbortController().signal);

  test('short questions are in the URL, long ones in the body', async () => {
    const prometheus = open();
    await prometheus.range('up', span);
    await prometheus.range(`up{pod=~"${'a|'.repeat(5000)}"}`, span);
    prometheus.close();
    const [short, long] = fake.taken();
    expect(short).toBe('/sub/api/v1/query_range?query=up&start=60&end=240&step=60&timeout=10000ms');
    expect([long, bodies[1]?.startsWith('query=up%7Bpod')]).toEqual(['/sub/api/v1/query_range', true]);
  });

  test('one that does not answer, redirects or is not there is a failure that says so', async () => {
    fake.answer = () => undefined;
    const slow = open(100);
    await expect(slow.range('up', span)).rejects.toThrow('did not answer within 0.1 s');
    slow.close();
    fake.answer = (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    const moved = open();
    await expect(moved.range('up', span)).rejects.toThrow('it answers 302');
    moved.close();
    const metadata = openPrometheus(
      { prometheus: new URL('http://169.254.169.254/'), credentials: {}, timeout: 1000 },
      new AbortController().signal,
    );
    await expect(metadata.range('up', span)).rejects.toThrow('may not be connected to');
    metadata.close();
  });
});
