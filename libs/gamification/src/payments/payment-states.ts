/** What a payment can be. */
export type PaymentStatus = 'CREATED' | 'PROCESSING' | 'PAID' | 'DECLINED' | 'CANCELED';

/**
 * What a payment can become:
 *
 * | from         | to           | when                                                                 |
 * | ------------ | ------------ | -------------------------------------------------------------------- |
 * | `CREATED`    | `PAID`       | the right code is entered, and a wallet pays, in the same transaction |
 * | `CREATED`    | `PROCESSING` | the right code is entered, and a processor is to take it             |
 * | `CREATED`    | `CANCELED`   | it is canceled                                                       |
 * | `PROCESSING` | `PAID`       | the processor has taken it                                           |
 * | `PROCESSING` | `DECLINED`   | the processor declines it                                            |
 */
export const TRANSITIONS: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  CREATED: ['PAID', 'PROCESSING', 'CANCELED'],
  PROCESSING: ['PAID', 'DECLINED'],
  PAID: [],
  DECLINED: [],
  CANCELED: [],
};

/** Whether a payment can go from one state to another. */
export function canBecome(from: PaymentStatus, to: PaymentStatus): boolean {
  return TRANSITIONS[from].includes(to);
}
