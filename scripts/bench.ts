import { runHttpBenchmark } from './bench/http';

void runHttpBenchmark(process.argv.slice(2), process.env);
