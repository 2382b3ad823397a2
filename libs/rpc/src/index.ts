export { requireAccess, requireStaff } from './access';
export { Handles, type Handler } from './handles';
export { RpcClient, type CallOptions, type RpcClientOptions } from './rpc-client';
export { RpcModule } from './rpc.module';
export { RpcServer, type RpcServerOptions } from './rpc-server';
