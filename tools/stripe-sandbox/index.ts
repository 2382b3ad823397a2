export { SandboxControl, type SandboxClock, type SandboxDelivery } from './control/client';
export { defaultSecretKey, startStripeSandbox, type RunningSandbox, type SandboxOptions } from './start';
