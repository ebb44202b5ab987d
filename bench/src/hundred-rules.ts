import type { MechanicsDefinition } from 'nestjs-gamification';

/** A hundred rules, of which five concern an order, with the badge, the levels and the wallet that follow from them. */
export const HUNDRED_RULES: MechanicsDefinition = {
  ratings: {
    ...Object.fromEntries(
      Array.from({ length: 19 }, (_, index) => [
        `other-${index}`,
        {
          name: `Other ${index}`,
          rules: Array.from({ length: 5 }, (_, rule) => ({
            on: `other.${index}.${rule}`,
            if: `event.total > ${rule}`,
            value: 'event.total / 10',
          })),
        },
      ]),
    ),
    xp: {
      name: 'Experience',
      rules: [
        { on: 'order.placed', value: 'event.total / 10' },
        { on: 'order.placed', if: 'event.total > 10000', value: 100 },
        { on: 'order.placed', if: 'event.orderNumber == "order-7"', value: 7 },
      ],
      levels: [
        { name: 'One', from: 100 },
        { name: 'Two', from: 1_000 },
      ],
    },
    orders: { name: 'Orders', rules: [{ on: 'order.placed', value: 1 }] },
  },
  badges: { regular: { name: 'Regular', permanent: true, when: { on: 'order.placed', times: 3 } } },
  resources: { coins: { name: 'Coins', rules: [{ on: 'order.placed', value: 2 }] } },
};
