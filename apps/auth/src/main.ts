import { service } from './index';

void service.run();
