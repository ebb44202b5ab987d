import { messagePage, pageHeaders } from './gloebit-page.js';

/** What a response can do on any HTTP adapter of Nest. */
export interface PageResponse {
  header(name: string, value: string): unknown;
  status(code: number): unknown;
}

export type Texts = Readonly<Record<string, string | undefined>>;

/** Parameters that are texts; given twice, they are lists, and count as not given. */
export function texts(fields: Readonly<Record<string, unknown>>): Texts {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export function show(response: PageResponse, status: number, message: string, title?: string): string {
  for (const header of pageHeaders()) response.header(...header);
  response.status(status);
  return messagePage(message, title);
}

export function redirect(response: PageResponse, location: string): string {
  response.header('Location', location);
  response.header('Cache-Control', 'no-store');
  response.status(302);
  return '';
}
