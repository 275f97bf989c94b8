// The URL of a resource.
import { parseId } from '../../../src/ids.ts';

/** `/cluster/resources/Pod/shop/redis-0` after `baseUrl`. Everything except the slashes of the id is percent-encoded. */
export function resourceUrl(id: string, baseUrl = ''): string {
  const { type, path } = parseId(id.toWellFormed());
  const segments = [type, ...path.split('/')].map(segment);
  return `${baseUrl}/cluster/resources/${segments.join('/')}`;
}

// encodeURIComponent keeps `!'()*`, which are special in some forms, and `.` and `..`, which would change the path.
function segment(text: string): string {
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E');
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
