// The form that an Accept header requests. Forms that the fake API server cannot make (tables, protobuf) are skipped, as
// clients allow.
import { notAcceptable } from './status.ts';

const served = 'application/json';

/** True for metadata only, false for whole objects. 406 if neither is accepted. */
export function wantsMetadata(accept: string | undefined, list: boolean): boolean {
  for (const range of (accept ?? '*/*').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return false;
    if (as === 'PartialObjectMetadataList' && list) return true;
    if (as === 'PartialObjectMetadata' && !list) return true;
  }
  throw notAcceptable(served);
}
