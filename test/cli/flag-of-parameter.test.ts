import { describe, expect, test } from 'vitest';
import { readArguments } from '../../cli/arguments.ts';
import { Failure, RefusedParameter } from '../../cli/failure.ts';
import { inTypedWords } from '../../cli/flag-of-parameter.ts';
import { bodyOf, usualNames } from '../../cli/sources/source.ts';
import { createTestApp } from '../support/app.ts';

/** What a master says to a question that it does not take. */
async function refusal(path: string): Promise<unknown> {
  const { app } = createTestApp();
  const source = {
    name: 'the master',
    namespace: undefined,
    names: usualNames,
    async ask(url: string) {
      const { statusCode, body } = await app.inject(url);
      return { status: statusCode, body: [Buffer.from(body)] as unknown as AsyncIterable<Buffer> };
    },
    post: () => Promise.reject(new Error('nothing is posted here')),
    close: async () => {},
  };
  try {
    return await bodyOf(source, path);
  } catch (error) {
    return error;
  } finally {
    await app.close();
  }
}

const typed = async (path: string, ...line: string[]) => inTypedWords(await refusal(path), readArguments(line).values);

describe('what a master refuses is called what was typed', () => {
  test.each([
    [
      '/cluster?labelSelector=a%3Db%3Dc',
      ['get', 'pods', '-l', 'a=b=c'],
      /^--selector \(-l\) is not valid: at position 4/,
    ],
    [
      '/cluster?health=wrong',
      ['get', 'pods', '--health', 'wrong'],
      /^--health is not valid: "wrong" is not one of ok,/,
    ],
    ['/cluster/findings?severity=x', ['findings', '--severity', 'x'], /^--severity is not valid: "x" is not one of/],
    [
      '/cluster?relation=nix',
      ['get', 'pods', '--relation', 'nix'],
      /^--relation is not valid: there is no relation "nix"/,
    ],
    ['/cluster?format=nix', ['get', 'pods', '-o', 'nix'], /^--output \(-o\) is not valid: /],
  ])('%s of %j', async (path, line, message) => {
    const failure = await typed(path, ...line);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ status: 2, message: expect.stringMatching(message) });
  });

  test('the start of a span is --since or --from, whichever it is', () => {
    const refused = new RefusedParameter('Parameter from is not valid: no', { parameter: 'from', reason: 'no' });
    const message = (...line: string[]) => (inTypedWords(refused, readArguments(line).values) as Failure).message;
    expect(message('changes', '--since', 'x')).toBe('--since is not valid: no');
    expect(message('diff', '--from', 'x')).toBe('--from is not valid: no');
    expect(message('history', 'deploy/web')).toBe('Parameter from is not valid: no');
  });

  test('another failure stays what it is', async () => {
    const failure = await typed('/cluster/resources/pods/nothing/there?at=now', 'get', 'pods', '--at', 'now');
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).message).not.toContain('--');
  });
});
