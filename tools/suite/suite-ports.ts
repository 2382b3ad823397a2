import type { ServiceName } from '#libs/contracts';
import { PortChooser } from '#libs/local';
import { services } from './apps';
import { managementPort, type ReplicaPorts } from './services';

/** Explicit ports, by their variables. */
export type ChosenPorts = Readonly<Partial<Record<'PORT' | 'MAIL_UI_PORT' | 'SMTP_PORT' | 'MANAGEMENT_PORT', number>>>;

export interface SuitePorts {
  /** The port of the gateway for clients. */
  readonly api: number;
  readonly mailUi: number;
  readonly smtp: number;
  readonly postgres: number;
  readonly redis: number;
  replica(service: ServiceName, index: number): ReplicaPorts;
}

/** Chooses the usual ports if they are free. `anywhere`, for tests, leaves them to other programs on this machine. */
export async function choosePorts(chosen: ChosenPorts, replicas: number, anywhere: boolean): Promise<SuitePorts> {
  const ports = new PortChooser(anywhere);
  const { PORT: api, MAIL_UI_PORT: mailUi, SMTP_PORT: smtp } = await choosePublicPorts(ports, chosen);
  const postgres = await ports.choose('postgres', 5_432);
  const redis = await ports.choose('redis', 6_379);
  // A single gateway listens on the public port itself. Several run behind a front.
  const httpPort = async (index: number) => (replicas === 1 ? api : ports.choose('http', 4_100 + index));
  const { MANAGEMENT_PORT: first } = chosen;
  const ofReplicas = new Map<string, ReplicaPorts>();
  for (const [position, service] of services.entries()) {
    for (let index = 0; index < replicas; index++) {
      const chosenHere = first === undefined ? undefined : managementPort(first, position, index);
      const usualHere = managementPort(usualManagementPort, position, index);
      const management = await ports.choose('MANAGEMENT_PORT', usualHere, chosenHere);
      const http = service === 'gateway' ? await httpPort(index) : undefined;
      ofReplicas.set(`${service}-${index}`, { management, http, isBehindFront: replicas > 1 });
    }
  }
  const replica = (service: ServiceName, index: number) => {
    const found = ofReplicas.get(`${service}-${index}`);
    if (found === undefined) throw new Error(`There is no replica ${index} of ${service}.`);
    return found;
  };
  return { api, mailUi, smtp, postgres, redis, replica };
}

type PublicPort = Exclude<keyof ChosenPorts, 'MANAGEMENT_PORT'>;

const usualManagementPort = 4_000;
const usual: Readonly<Record<PublicPort, number>> = { PORT: 3_000, MAIL_UI_PORT: 1_080, SMTP_PORT: 1_025 };

/** Explicit ports come first, because one may be another's usual port. */
async function choosePublicPorts(ports: PortChooser, chosen: ChosenPorts): Promise<Record<PublicPort, number>> {
  const found: Record<PublicPort, number> = { ...usual };
  const names = ['PORT', 'MAIL_UI_PORT', 'SMTP_PORT'] as const;
  const isChosen = (name: PublicPort) => chosen[name] !== undefined;
  for (const name of [...names.filter(isChosen), ...names.filter((each) => !isChosen(each))]) {
    found[name] = await ports.choose(name, usual[name], chosen[name]);
  }
  return found;
}
