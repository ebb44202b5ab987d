import type { Migration } from '../database/migrations.js';

export const shopMigrations: readonly Migration[] = [
  {
    name: 'shop-1',
    statements: ({ text, integer, end }) => [
      // What was bought or consumed with a key, to be answered again.
      `create table gamification_purchases (
        user_id ${text} not null,
        idempotency_key ${text} not null,
        kind ${text} not null,
        name ${text} not null,
        quantity ${integer} not null,
        price ${integer},
        balance ${integer},
        count ${integer},
        primary key (user_id, idempotency_key)
      ${end}`,
      // Never below zero, and never more than was bought.
      `create table gamification_products (
        user_id ${text} not null,
        product ${text} not null,
        bought ${integer} not null,
        count ${integer} not null check (count between 0 and bought),
        primary key (user_id, product)
      ${end}`,
      `create table gamification_stock (
        product ${text} primary key,
        sold ${integer} not null check (sold >= 0)
      ${end}`,
    ],
  },
];
