/** The header in which a request says which customer it comes from. */
export const CUSTOMER_HEADER = 'x-customer';
