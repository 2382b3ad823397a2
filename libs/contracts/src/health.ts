import { z } from 'zod';
import type { ServiceName } from './context';
import { defineRpc } from './rpc';

const request = z.strictObject({});
const response = z.strictObject({ status: z.enum(['ok', 'error']) });

/** Services that handle RPC requests. */
type RpcServiceName = Exclude<ServiceName, 'gateway'>;

const health = (service: RpcServiceName) =>
  defineRpc(service, 'health', { access: 'public', request, response, timeoutMs: 1_000 });

/** Checks that the service is up and its database responds. libs/service handles it for every service. */
export const serviceHealth = {
  auth: health('auth'),
  billing: health('billing'),
  notification: health('notification'),
} as const satisfies Readonly<Record<RpcServiceName, unknown>>;
