import { runProgram } from './operator/command';
import { sessions } from './operator/sessions';

void runProgram(sessions);
