/** For how long the sink answers 503, in milliseconds. */
export const OUTAGE = 45_000;
/** For how long events are tracked, in milliseconds; then the application is closed. */
export const TRACKED = 49_000;
/** Between two events, in milliseconds. */
const INTERVAL = 50;

export const EVENTS = TRACKED / INTERVAL;
