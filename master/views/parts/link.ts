// Where a resource is served.
import { parseId } from '../../../src/ids.ts';

/** `/cluster/resources/Pod/shop/redis-0`, behind `baseUrl`. Everything but the slashes of the id is percent-encoded. */
export function resourceUrl(id: string, baseUrl = ''): string {
  const { type, path } = parseId(id.toWellFormed());
  const segments = [type, ...path.split('/')].map(segment);
  return `${baseUrl}/cluster/resources/${segments.join('/')}`;
}

// encodeURIComponent leaves `!'()*` alone, which some forms give a meaning, and `.` and `..` would climb.
function segment(text: string): string {
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E');
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
