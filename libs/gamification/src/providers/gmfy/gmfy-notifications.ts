import {
  type Notification,
  type NotificationQuery,
  Notifications,
} from '../../notifications/notifications.js';
import { type Page, pageOfAll } from '../../page.js';
import { needIdentifier } from '../../validation.js';
import { NotSupportedByGmfyError } from './gmfy.errors.js';
import type { GmfyService } from './gmfy.service.js';
import type { GmfyNotification } from './gmfy-answers.js';
import { known } from './gmfy-domain-errors.js';

/**
 * {@link Notifications} of GMFY, in its order. A page is cut out of the whole list, which has neither pages nor ids: what
 * is added or read between two pages can move what is on them.
 */
export class GmfyNotifications extends Notifications {
  constructor(private readonly gmfy: GmfyService) {
    super();
  }

  list(query: NotificationQuery = {}): Promise<Page<Notification>> {
    return pageOfNotifications(query, () => this.gmfy.getNotifications(query.userId));
  }

  unread(query: NotificationQuery = {}): Promise<Page<Notification>> {
    return pageOfNotifications(query, () => this.gmfy.getUnreadNotifications(query.userId));
  }

  async markRead(): Promise<never> {
    throw new NotSupportedByGmfyError('marking notifications as read');
  }

  stream(): never {
    throw new NotSupportedByGmfyError('a stream of notifications');
  }
}

async function pageOfNotifications(
  query: NotificationQuery,
  read: () => Promise<readonly GmfyNotification[]>,
): Promise<Page<Notification>> {
  if (query.userId !== undefined) needIdentifier('userId', query.userId);
  return pageOfAll(query, async () => {
    const notifications = await known(read, () => []);
    return notifications.map(({ userId, message }) => ({ userId, message }));
  });
}
