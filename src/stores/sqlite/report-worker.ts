/**
 * The program of the thread that runs reports, as text: so it needs no file beside the package, however an app is
 * bundled. It opens the file with the driver of the app, reads alone, and hands rows over in chunks, since whoever
 * receives them holds its event loop meanwhile; as JSON, which is read faster than messages with objects are. Where the
 * system can, it steps back behind threads that serve requests.
 */
export const REPORT_WORKER = `
const { parentPort, workerData: { driver, file, chunkRows } } = require('node:worker_threads');
let database;
let rest = [];
try {
  // On Linux this is the priority of the thread, elsewhere that of the whole process.
  if (process.platform === 'linux') require('node:os').setPriority(0, 10);
} catch {}

function open() {
  const exported = require(driver);
  const Database = typeof exported === 'function' ? exported : (exported.DatabaseSync ?? exported.default);
  database = new Database(file);
  database.exec('PRAGMA busy_timeout = 1000; PRAGMA query_only = 1; PRAGMA cache_size = -16000');
  database.prepare('SELECT MAX(version) FROM gateway_migrations').all();
}

function answer(work) {
  try {
    parentPort.postMessage(work());
  } catch (error) {
    parentPort.postMessage({ error: { message: String(error.message), code: error.code } });
  }
}

answer(() => {
  open();
  return { rows: '[]', more: false };
});
parentPort.on('message', ({ text, parameters, end }) => {
  if (end) {
    database?.close();
    parentPort.close();
    return;
  }
  answer(() => {
    if (text !== undefined) rest = database.prepare(text).all(...parameters);
    const rows = rest.slice(0, chunkRows);
    rest = rest.slice(chunkRows);
    return { rows: JSON.stringify(rows), more: rest.length > 0 };
  });
});
`;
