import { z } from 'zod';

/** The scopes of API keys. A contract names the scope that it needs. A contract without a scope accepts no API keys. */
export const scopes = ['profile:read', 'profile:write', 'organizations:read', 'organizations:write'] as const;
export const scope = z.enum(scopes).meta({ id: 'Scope' });
export type Scope = (typeof scopes)[number];
