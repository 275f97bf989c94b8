// Run inside the master's Pod by install.sh, through its Service: is it ready, what does it see, what does it lack?
// node -e "$(cat verify.js)" URL RUNTIME [SECONDS]. Prints one line a finding. Exit status 1: it does not work (yet), 3: it works, and not
// every minion has answered. Where no seconds are given, who runs it asks again.
const { readFileSync } = require('node:fs');
const [url, runtime, seconds = '0'] = process.argv.slice(1);
/** What was found, said once it is known to be the last word. */
let findings = [];
let missing;

const tokenFiles = ['/etc/cluster-insight/clients/tokens', '/var/run/secrets/kubernetes.io/serviceaccount/token'];

function token() {
  const readable = (file) => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n')[0];
    } catch {
      return undefined;
    }
  };
  return process.env.CLUSTER_INSIGHT_VERIFY_TOKEN ?? tokenFiles.map(readable).find(Boolean);
}

async function ask(path) {
  const bearer = token();
  const headers = bearer ? { authorization: `Bearer ${bearer}` } : {};
  const response = await fetch(url + path, { headers, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${text.slice(0, 300)}`);
  return path.startsWith('/readyz') ? text : JSON.parse(text);
}

const inState = (states, wanted) => Object.keys(states).filter((name) => states[name].state === wanted);

function sayCompleteness({ kinds = {}, minions = {} }) {
  findings.push(`${inState(kinds, 'synced').length + inState(kinds, 'polled').length} kinds are read`);
  const forbidden = inState(kinds, 'forbidden');
  if (forbidden.length > 0) findings.push(`not granted, and left out: ${forbidden.join(', ')}`);
  if (runtime === 'none') return;
  const synced = inState(minions, 'synced');
  const others = Object.keys(minions).filter((node) => !synced.includes(node));
  findings.push(`${synced.length} minions answer`);
  if (others.length === 0 && synced.length > 0) return;
  const named = others.slice(0, 20).join(', ') + (others.length > 20 ? ` and ${others.length - 20} more` : '');
  missing = others.length > 0 ? `no answer yet from the minions of: ${named}` : 'no minion is known yet';
}

async function sayNode() {
  const { resources } = await ask('/cluster/resources?type=Node&properties=false&limit=1');
  const node = resources[0];
  if (!node) return findings.push('no Node is to be seen');
  const around = await ask(`/cluster?root=${encodeURIComponent(node.id)}&direction=down&depth=2`);
  const containers = around.resources.filter(({ type, properties }) => type === 'Container' && runs(properties));
  findings.push(`${node.id} runs ${containers.length} containers`);
}

/** As the runtime says it, or the status of its Pod. */
function runs({ State, status } = {}) {
  return State?.Running ?? status?.state?.running !== undefined;
}

async function verify() {
  findings = [];
  missing = undefined;
  await ask('/readyz');
  const { success, completeness } = await ask('/cluster?type=Cluster&properties=false&completeness=full');
  if (success !== true || !completeness) throw new Error('/cluster answers without completeness');
  sayCompleteness(completeness);
  await sayNode();
}

/** The exit status, and what is wrong. */
async function outcome() {
  try {
    await verify();
    return { status: missing === undefined ? 0 : 3, wrong: missing };
  } catch (error) {
    return { status: 1, wrong: error.cause ? `${error.message}: ${error.cause.message}` : error.message };
  }
}

async function main() {
  const until = Date.now() + Number(seconds) * 1000;
  let last = await outcome();
  for (let said; last.status !== 0 && Date.now() < until; last = await outcome()) {
    if (last.wrong !== said) console.log(`waiting: ${last.wrong}`);
    said = last.wrong;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  for (const finding of findings) console.log(finding);
  if (last.wrong !== undefined) console.error(last.wrong);
  // A test that is given seconds has waited for minions: that one is away is told and is no fault of the service.
  process.exitCode = last.status === 3 && seconds !== '0' ? 0 : last.status;
}

void main();
