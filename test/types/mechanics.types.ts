/** What TypeScript lets pass of mechanics and what it does not, as `tracking.types.ts`. */
import { IsInt, IsString } from 'class-validator';
import { ActionEvent, defineMechanics, GameEvent, on } from 'nestjs-gamification';

class OrderPlaced extends GameEvent('order.placed') {
  @IsString() drink!: string;
  @IsInt() total!: number;
}
class Registered extends GameEvent('register') {}
class Like extends ActionEvent('like', 'boost') {}

export const accepted = defineMechanics({
  ratings: {
    xp: {
      name: 'Experience',
      rules: [
        on(OrderPlaced, { value: 'event.total / 10', limit: { times: 5, per: 'day' } }),
        on(OrderPlaced, { value: 1, if: 'event.drink == "latte" && event.total > ratings.xp' }),
        on(Like, { value: 1 }),
        on(Like, { value: 2, action: 'boost' }),
        { on: 'post.read', value: 1 },
      ],
    },
  },
  badges: { regular: { name: 'Regular', when: on(OrderPlaced, { times: 10 }) } },
  challenges: {
    start: {
      name: 'Start',
      steps: [on(Registered), on(OrderPlaced, { weight: 3 })],
      reward: { resource: 'coins', amount: 1 },
    },
  },
  streaks: { daily: { name: 'Daily', on: [OrderPlaced.type, Like.type], every: 'day' } },
  resources: { coins: { name: 'Coins' } },
});

// @ts-expect-error the event has no such trait
on(OrderPlaced, { value: 'event.totl / 10' });
// @ts-expect-error nor here
on(OrderPlaced, { value: 1, if: 'event.total > 1 && event.drnk == "latte"' });
// @ts-expect-error it has none at all
on(Registered, { value: 'event.total' });
// @ts-expect-error the event has no such action
on(Like, { value: 1, action: 'pause' });
// @ts-expect-error what is removed takes back what its create gave
on(Like, { value: 1, action: 'remove' });
// @ts-expect-error only an ActionEvent has actions
on(OrderPlaced, { value: 1, action: 'boost' });

defineMechanics({
  // @ts-expect-error a rule needs a value
  ratings: { xp: { name: 'Experience', rules: [on(OrderPlaced)] } },
});
defineMechanics({
  // @ts-expect-error there is no such aggregate
  ratings: { xp: { name: 'Experience', rules: [], aggregate: 'average' } },
});
