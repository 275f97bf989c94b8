import { describe, expect, test } from 'vitest';
import { readArguments } from '../../cli/arguments.ts';
import { exitStatus, Failure } from '../../cli/failure.ts';

describe('the command line', () => {
  test('is read as kubectl reads its own: long, short, attached, with =, before and after words', () => {
    const { values, words } = readArguments([
      '-n',
      'shop',
      'get',
      'pods',
      '-oyaml',
      '--selector=app=web',
      '-f',
      'a',
      '-f=b',
      '-A',
    ]);
    expect(words).toEqual(['get', 'pods']);
    expect(values).toEqual({
      namespace: 'shop',
      output: 'yaml',
      selector: 'app=web',
      filename: ['a', 'b'],
      'all-namespaces': true,
    });
    expect(readArguments(['-o=json']).values.output).toBe('json');
  });

  test.each([
    [['--nope'], /--nope/],
    [['-n'], /namespace/],
    [['-n', 'a', '--namespace', 'b'], /--namespace \(-n\) is given twice/],
    [['--direct=yes'], /direct/],
  ])('%j is refused in one line', (argv, message) => {
    const refusal = (() => {
      try {
        return readArguments(argv);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({ status: exitStatus.usage, message: expect.stringMatching(message) as string });
    expect((refusal as Failure).message).not.toContain('\n');
  });
});
