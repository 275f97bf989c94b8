// The entry to redaction: one function per kind of data. `redact/` defines what is a secret.
export { redactArguments, redactText } from './redact/command.ts';
export { secretName as namesSecret } from './redact/names.ts';
export { redactObject, redactPodSpec } from './redact/object.ts';
export { redactProcess } from './redact/process.ts';
export { redactInspect } from './redact/runtime.ts';
export { redacted } from './redact/text.ts';
export { redactAnnotations, redactEnv, redactTree } from './redact/tree.ts';
export { redactUrl } from './redact/url.ts';
