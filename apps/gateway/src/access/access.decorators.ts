import { SetMetadata } from '@nestjs/common';

export type RouteAccess = 'public' | 'authenticated';

export const routeAccess = 'access';

/** Anyone may call the route; no token is looked at. */
export const Public = () => SetMetadata<string, RouteAccess>(routeAccess, 'public');

/** Only a signed-in user may call the route: `request.context.actor` is set when the handler runs. */
export const Authenticated = () => SetMetadata<string, RouteAccess>(routeAccess, 'authenticated');
