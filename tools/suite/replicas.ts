import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import { root } from '#libs/local';
import { services } from './apps';
import { environmentOf, nodeOptionsOf, reachableHost, type ReplicaPorts, type Surroundings } from './services';
import type { SuitePorts } from './suite-ports';
import { Supervised, type Listener } from './supervised';
import type { Variables } from './variables';

export interface Replica {
  readonly service: ServiceName;
  readonly ports: ReplicaPorts;
  readonly program: Supervised;
}

export interface ReplicaPlan {
  readonly replicas: number;
  readonly ports: SuitePorts;
  readonly around: Surroundings;
  /** The variables that the user set. */
  readonly settings: Variables;
  readonly logs: string;
  readonly listener: Listener;
}

/** Returns `auth`, or `auth-1` and `auth-2`. The replicas of a service share a log. */
export function replicasOf(plan: ReplicaPlan): Replica[] {
  return services.flatMap((service) =>
    Array.from({ length: plan.replicas }, (_, index) => {
      const ports = plan.ports.replica(service, index);
      const program = new Supervised(
        {
          name: plan.replicas === 1 ? service : `${service}-${index + 1}`,
          args: [...nodeOptionsOf(service), join(root, 'dist', 'apps', service, 'src', 'main.js')],
          environment: environmentOf(service, plan.around, ports, plan.settings),
          logFile: join(plan.logs, `${service}.log`),
          readyUrl: `http://${reachableHost(plan.settings['MANAGEMENT_HOST'])}:${ports.management}/health/ready`,
        },
        plan.listener,
      );
      return { service, ports, program };
    }),
  );
}
