import { SetMetadata } from '@nestjs/common';

export type RouteAccess = 'public' | 'authenticated';

export const routeAccess = 'access';

/** Anyone can call the route. Tokens are ignored. */
export const Public = () => SetMetadata<string, RouteAccess>(routeAccess, 'public');

/** Only signed-in users can call the route. `request.context.actor` is set when the handler runs. */
export const Authenticated = () => SetMetadata<string, RouteAccess>(routeAccess, 'authenticated');
