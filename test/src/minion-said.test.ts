import { describe, expect, test } from 'vitest';
import { minionSaid } from '../../src/minion-said.ts';

describe('whether the process is to be a minion', () => {
  test.each([
    [['minion', '--port=1'], {}, true],
    [['minion'], { CLUSTER_INSIGHT_MODE: 'master' }, true],
    [['master', '--cluster-name', 'minion'], { CLUSTER_INSIGHT_MODE: 'minion' }, false],
    [['gateway', 'enroll', 'minion'], {}, false],
    [['nonsense'], { CLUSTER_INSIGHT_MODE: 'minion' }, false],
    [[], {}, false],
    [[], { CLUSTER_INSIGHT_MODE: 'minion' }, true],
    [['--port', '0'], { CLUSTER_INSIGHT_MODE: 'minion' }, true],
    [['--port', '0'], { CLUSTER_INSIGHT_MODE: '' }, false],
  ] as const)('%j with %j: %s', (argv, env, said) => {
    expect(minionSaid(argv, env)).toBe(said);
  });

  test.each([
    [['--port', '0', 'minion'], {}],
    [['--cluster-name', 'minion'], {}],
    [['--mode', 'minion'], {}],
    [['--mode=master'], { CLUSTER_INSIGHT_MODE: 'minion' }],
    [['--config-dir', '/etc/c'], {}],
    [['--port=0'], { CLUSTER_INSIGHT_CONFIG_DIR: '/etc/c' }],
  ] as const)('%j with %j: only the settings can tell', (argv, env) => {
    expect(minionSaid(argv, env)).toBeUndefined();
  });
});
