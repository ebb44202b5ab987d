import type { CUSTOMER_HEADER } from './customer-header.js';

/** What the customer's features need of a request, on any HTTP adapter of Nest. */
export interface CustomerRequest {
  readonly headers: { readonly [CUSTOMER_HEADER]?: string; readonly cookie?: string };
  /** Who is asking. Set by the guard, as authentication libraries do. */
  user?: { readonly id: string };
}
