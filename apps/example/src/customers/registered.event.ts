import { GameEvent } from 'nestjs-gamification';

/** Someone became a customer. */
export class Registered extends GameEvent('register') {}
