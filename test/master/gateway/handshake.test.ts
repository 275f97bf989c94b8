// Both halves of the handshake against each other, and each against a side that violates it.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { GatewayHandshake, type Outcome } from '../../../master/gateway/handshake.ts';
import type { Question, Welcome } from '../../../src/gateway-protocol/messages.ts';
import { type Scheme, schemes } from '../../../src/gateway-protocol/proof.ts';
import { AgentHandshake, type Answer } from '../../../src/uplink/handshake.ts';
import { SeenQuestions } from '../../../src/uplink/seen-questions.ts';
import { stillClock } from '../../support/still-clock.ts';

const secret = 'a-secret-of-the-cluster';
const who = { account: 'default', cluster: 'east', start: 's', mode: 'master', version: '1', spool: 'p' };

interface Both {
  readonly offered?: readonly Scheme[];
  readonly taken?: readonly Scheme[];
  readonly known?: readonly string[];
  readonly own?: string;
  readonly now?: () => number;
  readonly seen?: SeenQuestions;
  readonly random?: (bytes: number) => Buffer;
}

function both({
  offered = ['hmac-sha512'],
  taken = ['hmac-sha512'],
  known = [secret],
  own = secret,
  now,
  seen,
  random,
}: Both = {}) {
  const clock = stillClock(now ?? (() => 0));
  const agent = new AgentHandshake({
    who,
    schemes: offered,
    secret: Buffer.from(own),
    seen: seen ?? new SeenQuestions(),
    clock,
  });
  const credentials = { secretsOf: (_: string, cluster: string) => (cluster === 'east' ? known : []) };
  const gateway = new GatewayHandshake({
    gateway: 'g',
    schemes: taken,
    credentials,
    clock,
    ...(random ? { random } : {}),
  });
  return { agent, gateway };
}

function questionOf(outcome: Outcome): Question {
  if ('send' in outcome) return outcome.send;
  throw new Error(JSON.stringify(outcome));
}

/** Runs all steps; returns the agent's answer to the welcome, or the gateway's refusal. */
function run({ agent, gateway }: ReturnType<typeof both>): Answer | Outcome {
  const asked = gateway.take(agent.hello());
  if (!('send' in asked)) return asked;
  const answer = agent.take(asked.send);
  if (!('send' in answer)) return answer;
  const outcome = gateway.take(answer.send);
  if (!('proven' in outcome)) return outcome;
  return agent.take({ type: 'welcome', ...outcome.proven.proof, received: {} });
}

describe('agent and gateway', () => {
  test.each(schemes)('agree by %s', (scheme) => {
    expect(run(both({ offered: [scheme], taken: [scheme] }))).toMatchObject({ welcome: { type: 'welcome' } });
  });

  test('agree while a secret is being rotated, whichever of the two the agent has', () => {
    for (const own of ['the-older-secret-of-it', 'the-newer-secret-of-it'])
      expect(run(both({ own, known: ['the-newer-secret-of-it', 'the-older-secret-of-it'] }))).toMatchObject({
        welcome: {},
      });
  });

  test("choose the gateway's favourite of the common schemes", () => {
    const { agent, gateway } = both({ offered: schemes, taken: ['sha512-qsq', 'hmac-sha512'] });
    expect(questionOf(gateway.take(agent.hello())).scheme).toBe('sha512-qsq');
  });
});

describe('the gateway refuses', () => {
  test.each([
    ['a wrong secret', { own: 'another-secret-than-that' }],
    ['a cluster that is not enrolled', { known: [] }],
  ])('%s, in the same words', (_, options: Both) => {
    expect(run(both(options))).toMatchObject({
      refuse: { code: 'unauthorized', reason: expect.stringMatching(/not known here/) },
    });
  });

  test('an agent with which it has no scheme in common', () => {
    expect(run(both({ offered: ['sha512-qs'] }))).toMatchObject({ refuse: { code: 'unsupported_scheme' } });
  });

  test('an answer after more than 30 s, a second one, one before the question, and a second hello', () => {
    let now = 0;
    const late = both({ now: () => now });
    const asked = questionOf(late.gateway.take(late.agent.hello()));
    const answer = late.agent.take(asked);
    now = 30_001;
    expect('send' in answer && late.gateway.take(answer.send)).toMatchObject({ refuse: { code: 'too_late' } });

    const wrong = { type: 'proof' as const, proof: randomBytes(64).toString('base64') };
    const twice = both();
    const right = twice.agent.take(questionOf(twice.gateway.take(twice.agent.hello())));
    expect(twice.gateway.take(wrong)).toMatchObject({ refuse: { code: 'unauthorized' } });
    expect('send' in right && twice.gateway.take(right.send)).toMatchObject({ refuse: { code: 'not_understood' } });

    expect(both().gateway.take(wrong)).toMatchObject({ refuse: { code: 'not_understood' } });
    const again = both();
    again.gateway.take(again.agent.hello());
    expect(again.gateway.take(again.agent.hello())).toMatchObject({ refuse: { code: 'not_understood' } });
  });

  test('a proof that was recorded of another connection', () => {
    const first = both();
    const proof = first.agent.take(questionOf(first.gateway.take(first.agent.hello())));
    const second = both();
    second.gateway.take(second.agent.hello());
    expect('send' in proof && second.gateway.take(proof.send)).toMatchObject({ refuse: { code: 'unauthorized' } });
  });

  test('asks each connection another question, of 1,024 bytes', () => {
    const questions = Array.from({ length: 20 }, () => {
      const { agent, gateway } = both();
      return questionOf(gateway.take(agent.hello())).question;
    });
    expect(new Set(questions).size).toBe(20);
    for (const question of questions) expect(Buffer.from(question, 'base64').length).toBe(1_024);
  });
});

describe('the agent refuses', () => {
  const question = (bytes: number, scheme: Scheme = 'hmac-sha512'): Question => ({
    type: 'question',
    gateway: 'g',
    scheme,
    question: randomBytes(bytes).toString('base64'),
  });

  test.each([0, 1, 32, 1_023])('a question of %i bytes', (bytes) => {
    expect(both().agent.take(question(bytes))).toMatchObject({ refuse: 'short_question' });
  });

  test('takes one of 1,024 and of more', () => {
    for (const bytes of [1_024, 1_025, 4_000]) expect(both().agent.take(question(bytes))).toHaveProperty('send');
  });

  test('a question that was asked before, in this connection or in another', () => {
    const seen = new SeenQuestions();
    const asked = question(1_024);
    expect(both({ seen }).agent.take(asked)).toHaveProperty('send');
    expect(both({ seen }).agent.take(asked)).toMatchObject({ refuse: 'repeated_question' });
    expect(both({ seen }).agent.take({ ...asked, gateway: 'other' })).toMatchObject({ refuse: 'repeated_question' });
  });

  test('a second question in the same connection', () => {
    const { agent } = both();
    agent.take(question(1_024));
    expect(agent.take(question(1_024))).toMatchObject({ refuse: 'unexpected_message' });
  });

  test('a question, and a welcome, later than 30 s after it said hello', () => {
    let now = 0;
    const late = both({ now: () => now });
    now = 30_001;
    expect(late.agent.take(question(1_024))).toMatchObject({ refuse: 'late_question' });
  });

  test('a scheme that it did not offer, though it knows it', () => {
    expect(both().agent.take(question(1_024, 'sha512-qsq'))).toMatchObject({ refuse: 'unknown_scheme' });
  });

  test('an unexpected welcome: a gateway that skips the question proves nothing', () => {
    expect(both().agent.take({ type: 'welcome', received: {} })).toMatchObject({ refuse: 'unexpected_message' });
  });

  test.each([
    ['none', undefined],
    ['one that is random', randomBytes(64).toString('base64')],
  ])('a gateway whose proof is %s', (_, proof) => {
    const { agent } = both();
    agent.take(question(1_024));
    const welcome: Welcome = { type: 'welcome', received: {}, ...(proof === undefined ? {} : { proof }) };
    expect(agent.take(welcome)).toMatchObject({ refuse: 'unproven_gateway' });
  });

  test("a gateway that sends the agent's own proof back", () => {
    const { agent } = both();
    const answer = agent.take(question(1_024));
    const proof = 'send' in answer && answer.send.type === 'proof' ? answer.send.proof : '';
    expect(agent.take({ type: 'welcome', received: {}, proof })).toMatchObject({ refuse: 'unproven_gateway' });
  });

  test('anything after it was welcomed twice', () => {
    const pair = both();
    expect(run(pair)).toHaveProperty('welcome');
    expect(pair.agent.take(question(1_024))).toMatchObject({ refuse: 'unexpected_message' });
  });

  test('a gateway that says that it is of another version', () => {
    const said = both().agent.take({ type: 'refused', code: 'unsupported_version', reason: 'use 2' });
    expect(said).toEqual({ refuse: 'unsupported_version', reason: 'unsupported_version: use 2' });
  });
});

test('of so many questions that memory were none, the oldest are forgotten and the newest are not', () => {
  const seen = new SeenQuestions();
  for (let i = 0; i < 65_537; i++) seen.isNew(Buffer.from(String(i)));
  expect(seen.isNew(Buffer.from('65536'))).toBe(false);
  expect(seen.isNew(Buffer.from('0'))).toBe(true);
});
