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
  {
    // Characters have products of their own, and more than was bought: what was granted. SQLite cannot change a key.
    name: 'shop-2',
    statements: ({ text, integer, end }) => [
      `alter table gamification_purchases add column character ${text} not null default ''`,
      `alter table gamification_purchases add column resource ${text}`,
      // How many of it were given back; nothing where it was not.
      `alter table gamification_purchases add column refunded ${integer}`,
      // Whether it counts towards the product's stock, which of those before nobody knows.
      `alter table gamification_purchases add column is_stocked ${integer} not null default 0`,
      // The user's own have the character ''.
      `create table gamification_products_2 (
        user_id ${text} not null,
        product ${text} not null,
        character ${text} not null,
        bought ${integer} not null check (bought >= 0),
        count ${integer} not null check (count >= 0),
        primary key (user_id, product, character)
      ${end}`,
      `insert into gamification_products_2 (user_id, product, character, bought, count)
        select user_id, product, '', bought, count from gamification_products`,
      'drop table gamification_products',
      'alter table gamification_products_2 rename to gamification_products',
    ],
  },
];
