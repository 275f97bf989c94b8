// Parses XML with libxml2 and validates it against a schema of test/fixtures/schemas.
import { readFileSync } from 'node:fs';
import { XmlDocument, type XmlElement, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

xmlRegisterFsInputProviders();
const folder = new URL('../fixtures/schemas/', import.meta.url);
const namespaces = {
  svg: 'http://www.w3.org/2000/svg',
  m: 'http://graphml.graphdrawing.org/xmlns',
  g: 'http://gexf.net/1.3',
};

export type Find = (xpath: string) => XmlElement[];

/** Throws if the text is not well-formed or not valid. `read` must return plain data. */
export function readXml<T>(text: string, read: (find: Find) => T, schema?: string): T {
  const document = XmlDocument.fromString(text);
  try {
    if (schema) validate(document, schema);
    return read((xpath) => document.find(xpath, namespaces) as XmlElement[]);
  } finally {
    document.dispose();
  }
}

export function attribute(element: XmlElement, name: string): string {
  return element.attr(name)?.value ?? '';
}

function validate(document: XmlDocument, schema: string): void {
  const url = new URL(schema, folder);
  const xsd = XmlDocument.fromBuffer(readFileSync(url), { url: url.href });
  const validator = XsdValidator.fromDoc(xsd);
  try {
    validator.validate(document);
  } finally {
    validator.dispose();
    xsd.dispose();
  }
}
