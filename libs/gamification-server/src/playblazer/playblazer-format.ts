import { XMLBuilder } from 'fast-xml-parser';

const xml = new XMLBuilder({ suppressEmptyNode: true, ignoreAttributes: false, attributeNamePrefix: '@' });
/** What is no name of an element is written as `<attribute name="…">` ([inferred]): the builder writes names as they are. */
const ELEMENT_NAME = /^[A-Za-z_][\w.-]*$/;

/** An answer as XML. No document has an example: `<response>`, keys as elements, list members as `<item>` ([inferred]). */
export function toXml(body: object): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${xml.build({ response: withItems(body) })}`;
}

function withItems(value: unknown): unknown {
  if (Array.isArray(value)) return { item: value.map(withItems) };
  if (typeof value !== 'object' || value === null) return value ?? '';
  const all = Object.entries(value);
  const named = all.filter(([key]) => ELEMENT_NAME.test(key)).map(([key, each]) => [key, withItems(each)]);
  const others = all
    .filter(([key]) => !ELEMENT_NAME.test(key))
    .map(([key, each]) => ({ '@name': key, '#text': withItems(each) }));
  return { ...Object.fromEntries(named), ...(others.length > 0 ? { attribute: others } : {}) };
}

/** Seconds since 1970, and the same for people ([seed]). */
export function timeView(time: Date): { readonly timestamp: number; readonly time_str: string } {
  const timestamp = Math.floor(time.getTime() / 1_000);
  const text = new Date(timestamp * 1_000).toISOString();
  return { timestamp, time_str: `${text.slice(0, 10)} ${text.slice(11, 19)} +0000` };
}

/** Our ids are UUIDs, the protocol's are their 32 digits. */
export function toRequestId(id: string): string {
  return id.replaceAll('-', '');
}

/** The id that a request's digits stand for; what is none stays as it is, and is not found. */
export function fromRequestId(text: string): string {
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
