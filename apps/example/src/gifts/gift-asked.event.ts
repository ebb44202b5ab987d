import { UniqueEvent } from 'nestjs-gamification';

/** A customer asks friends for a drink. Its idempotence key is the day with a number: a day has only so many. */
export class GiftAsked extends UniqueEvent('gift.asked') {}
