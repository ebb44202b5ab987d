import { UniqueEvent } from 'nestjs-gamification';

/** A customer saw a page for the first time: its idempotence key is the page, so that a second visit is none. */
export class PageVisited extends UniqueEvent('page.visited') {}
