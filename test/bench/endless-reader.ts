// A process that reads a URL again and again until it is ended: how a master fares beside it is not to be told from what reading costs.
import { read } from './http.ts';

const [url = ''] = process.argv.slice(2);
while (true) await read(url);
