// Findings as SARIF 2.1.0 for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
// Consumers reject the whole file if a result has no location, so findings outside of files get a placeholder path.
import type { Finding } from '../../master/findings/contract.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { parseId } from '../../src/ids.ts';

/** Line of an object in a file, or of one of its fields. */
export interface FilePlace {
  readonly path: string;
  readonly line: number;
}

export type PlaceOf = (finding: Finding) => FilePlace | undefined;

const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note' } as const;
/** From 0 to 10, as GitHub reads it. */
const securityWeights = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: '1.0' } as const;
const ofAccess = /^(access-|exposed-|default-account|anonymous-|role-|binding-|privileged-)/;

export function sarifOf(findings: readonly Finding[], placeOf: PlaceOf): object {
  const names = [...new Set(findings.map(({ name }) => name))].sort();
  const rules = names.map((name) => ruleOf(findings.find((each) => each.name === name) as Finding));
  const driver = {
    name: 'Cluster Insight',
    version: packageJson.version,
    semanticVersion: packageJson.version,
    informationUri: 'https://kubernetes.io/docs/concepts/',
    rules,
  };
  const results = findings.map((finding) => resultOf(finding, names.indexOf(finding.name), placeOf(finding)));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
}

function ruleOf({ name, class: of, severity, remedy, link }: Finding): object {
  return {
    id: name,
    name,
    shortDescription: { text: name },
    fullDescription: { text: remedy },
    help: { text: remedy },
    helpUri: link,
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ofAccess.test(name) ? [of, 'security'] : [of],
      ...(ofAccess.test(name) ? { 'security-severity': securityWeights[severity] } : {}),
    },
  };
}

function resultOf(finding: Finding, ruleIndex: number, place: FilePlace | undefined): object {
  const { id, name, severity, sentence, remedy, resource, accepted, path, field } = finding;
  const physicalLocation = {
    artifactLocation: { uri: place ? uriOf(place.path) : standIn(finding) },
    region: { startLine: place?.line ?? 1 },
  };
  const logicalLocations = [{ fullyQualifiedName: field ? `${resource} ${field}` : resource, kind: 'resource' }];
  return {
    ruleId: name,
    ruleIndex,
    level: levels[severity],
    message: { text: `${sentence}. ${remedy}` },
    locations: [{ physicalLocation, logicalLocations }],
    partialFingerprints: { 'clusterInsight/v1': id },
    ...(path.length > 0 ? { codeFlows: [flowOf(finding, physicalLocation)] } : {}),
    ...(accepted
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: accepted.reason || accepted.by }] }
      : {}),
  };
}

function flowOf({ path }: Finding, physicalLocation: object): object {
  const locations = path.map(({ from, to, type, field }) => ({
    location: {
      physicalLocation,
      message: { text: `${from} ${type} ${to}${field ? ` by ${field}` : ''}` },
    },
  }));
  return { threadFlows: [{ locations }] };
}

/** Relative, as code scanning requires. */
function uriOf(path: string): string {
  return path
    .replace(/^\.?\/+/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}

function standIn({ resource }: Finding): string {
  const { type, path } = parseId(resource);
  const slash = path.indexOf('/');
  const [namespace, name] = slash < 0 ? ['_', path] : [path.slice(0, slash), path.slice(slash + 1)];
  return `cluster/${[namespace, type, `${name}.yaml`].map(encodeURIComponent).join('/')}`;
}
