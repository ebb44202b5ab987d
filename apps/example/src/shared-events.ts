import { Registered } from './customers/registered.event.js';
import { DrinkLiked } from './drinks/drink-liked.event.js';
import { OrderPlaced } from './orders/order-placed.event.js';
import { PageVisited } from './pages/page-visited.event.js';

/** The events that systems elsewhere get to know. Others, such as `EntryClaimed`, are only for the shop itself. */
export const SHARED_EVENTS: readonly string[] = [Registered, OrderPlaced, DrinkLiked, PageVisited].map(
  ({ type }) => type,
);
