import { z } from 'zod';

/** What an API key may be allowed. A contract names the one that it needs; what names none takes no API keys. */
export const scopes = ['profile:read', 'profile:write', 'organizations:read', 'organizations:write'] as const;
export const scope = z.enum(scopes).meta({ id: 'Scope' });
export type Scope = (typeof scopes)[number];
