export { exitCodeOf, misunderstood, parse, runProgram, UsageError, type Command, type Variables } from './command';
export { readDotenv, writeDotenv } from './dotenv';
export { databaseUrlOf, fernetOf, surroundings } from './surroundings';
export { alignedTable } from './table';
