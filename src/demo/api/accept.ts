// Which form an Accept header asks for. What the fake API server cannot make (tables, protobuf) is passed over, as the client allows it.
import { notAcceptable } from './status.ts';

const served = 'application/json';

/** True for metadata only, false for whole objects. None of both is a 406. */
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
