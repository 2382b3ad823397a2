import { runProgram } from '#libs/command';
import { sessions } from './operator/sessions';

void runProgram(sessions);
