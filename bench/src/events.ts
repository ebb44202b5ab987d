import { EventTracker } from 'nestjs-gamification';
import { OrderPlaced } from './application.js';
import { type DurableWrite, measureDurable, type Row } from './durable.js';

const COLUMNS = 'id, user_id, type, action, idempotence_key, traits, occurred_at, received_at';

/** Events appended to the log, each with two checked traits and an idempotence key, from 100 users. */
export async function events(): Promise<void> {
  await measureDurable({
    bench: 'events',
    title: 'events recorded durably',
    tables: ['gamification_events', 'gamification_players', 'gamification_outcomes'],
    targets: { sqlite: 0.5, postgres: 0.6 },
    ...recordingOrders(100),
  });
}

/** Records an order of one of so many users, and appends the same to the log by hand. */
export function recordingOrders(users: number): Pick<DurableWrite, 'count' | 'ours' | 'sqlite' | 'postgres'> {
  const columns = ({ id, index, now }: Row): readonly (string | number)[] => {
    const orderNumber = `order-${index}`;
    const traits = JSON.stringify({ orderNumber, total: index });
    return [id, `user-${index % users}`, 'order.placed', '', orderNumber, traits, now, now];
  };
  return {
    count: 'select count(*) from gamification_events',

    ours(application) {
      const tracker = application.get(EventTracker);
      return (index) => {
        const orderNumber = `order-${index}`;
        return tracker.track(OrderPlaced, {
          userId: `user-${index % users}`,
          idempotenceKey: orderNumber,
          traits: { orderNumber, total: index },
        });
      };
    },

    sqlite(database) {
      const insert = database.prepare(
        `insert into gamification_events (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      return (row) => insert.run(...columns(row));
    },

    async postgres(client, group) {
      await client.query(
        `insert into gamification_events (${COLUMNS})
         select each.value ->> 0, each.value ->> 1, each.value ->> 2, each.value ->> 3, each.value ->> 4,
           each.value ->> 5, cast(each.value ->> 6 as bigint), cast(each.value ->> 7 as bigint)
         from jsonb_array_elements($1::jsonb) with ordinality as each(value, key) where true order by each.key
         on conflict do nothing
         returning id`,
        [JSON.stringify(group.map(columns))],
      );
    },
  };
}
